// Bundles frontend/src and frontend/styles into frontend/dist/ui, which Django serves as static files.
// Names stay plain here: Django's manifest storage adds the content hashes.
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const out = join(root, "dist", "ui");
const watching = process.argv.includes("--watch");

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
cpSync(join(root, "static"), out, { recursive: true });

const options = {
  entryPoints: { app: join(root, "src", "main.ts"), keeper: join(root, "src", "keeper.ts"), style: join(root, "styles", "main.css") },
  outdir: out,
  bundle: true,
  minify: !watching,
  sourcemap: "linked",
  format: "esm",
  target: ["es2022", "chrome111", "firefox115", "safari16.4"],
  loader: { ".json": "json" },
  legalComments: "linked",
  logLevel: "warning",
};

if (watching) {
  const context = await esbuild.context(options);
  await context.watch();
} else {
  await esbuild.build(options);
}
