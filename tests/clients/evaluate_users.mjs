// Loads the features by GrowthBook's SDK and prints each user's variants, null for none; and some features' states.
import { readFileSync } from "node:fs";
import { GrowthBook } from "@growthbook/growthbook";

const { url, token, keys, states, users } = JSON.parse(readFileSync(0, "utf8"));
const growthbook = new GrowthBook({ apiHost: url, clientKey: token });
const loaded = await growthbook.init();
if (!loaded.success) throw loaded.error;
const choices = [];
for (const user of users) {
  await growthbook.setAttributes(user);
  const variant = (key) => growthbook.evalFeature(key).experimentResult?.key ?? null;
  choices.push(Object.fromEntries(keys.map((key) => [key, variant(key)])));
}
const state = ({ source, value }) => [source, value];
const found = Object.fromEntries(states.map((key) => [key, state(growthbook.evalFeature(key))]));
console.log(JSON.stringify({ choices, states: found }));
growthbook.destroy();
