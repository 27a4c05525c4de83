// Loads the features by GrowthBook's SDK and prints what each user is given: of each feature its source, value and variant.
import { readFileSync } from "node:fs";
import { GrowthBook } from "@growthbook/growthbook";

const { url, token, keys, users } = JSON.parse(readFileSync(0, "utf8"));
const growthbook = new GrowthBook({ apiHost: url, clientKey: token });
const loaded = await growthbook.init();
if (!loaded.success) throw loaded.error;
const told = ({ source, value, experimentResult }) => ({ source, value, variant: experimentResult?.key ?? null });
const found = [];
for (const user of users) {
  await growthbook.setAttributes(user);
  found.push(Object.fromEntries(keys.map((key) => [key, told(growthbook.evalFeature(key))])));
}
console.log(JSON.stringify(found));
growthbook.destroy();
