// Reads flags by OpenFeature's OFREP provider for servers, and prints the details of each.
import { readFileSync } from "node:fs";
import { OFREPProvider } from "@openfeature/ofrep-provider";
import { OpenFeature } from "@openfeature/server-sdk";

const { url, token, reads } = JSON.parse(readFileSync(0, "utf8"));
await OpenFeature.setProviderAndWait(
  new OFREPProvider({ baseUrl: url, headers: [["Authorization", `Bearer ${token}`]] }),
);
const client = OpenFeature.getClient();
const methods = {
  boolean: "getBooleanDetails",
  string: "getStringDetails",
  integer: "getNumberDetails",
  float: "getNumberDetails",
  object: "getObjectDetails",
};
const details = {};
for (const [name, { flag, kind, default: fallback, unit, attributes }] of Object.entries(reads)) {
  const context = { ...attributes, ...(unit === null ? {} : { targetingKey: unit }) };
  details[name] = await client[methods[kind]](flag, fallback, context);
}
console.log(JSON.stringify(details));
await OpenFeature.close();
