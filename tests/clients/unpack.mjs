// Unpacks the browser, and the shared libraries that a bare machine has not, into the folder that is named.
import { fileURLToPath } from "node:url";

process.env.TMPDIR = process.argv[1]; // where the package unpacks to
const { inflate } = await import("@sparticuz/chromium");
const packed = new URL("../bin/", import.meta.resolve("@sparticuz/chromium"));
for (const name of ["chromium.br", "al2023.tar.br", "fonts.tar.br"]) {
  await inflate(fileURLToPath(new URL(name, packed)));
}
