// Copies the named files of the front-end packages to yidang/ui/static/vendor, and cuts out of Tabler what we use.
// Tabler 1.6 as shipped needs Chromium 111–123 (color-mix, oklch, light-dark); what our floor of 109 cannot read is dropped here.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as acorn from "acorn";
import postcss from "postcss";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const from = (name) => path.join(root, "node_modules", name);
const target = path.join(root, "yidang", "ui", "static", "vendor");
const into = path.join(root, "node_modules", ".vendor"); // moved into place at the end: a running program misses no file for longer than a rename
const plan = JSON.parse(fs.readFileSync(path.join(root, "tools", "assets.json"), "utf8"));
const TOO_NEW = /color-mix\(|oklch\(|oklab\(|light-dark\(|text-wrap|@starting-style|url\(/;

function copyFiles() {
  for (const [source, name] of Object.entries(plan.files)) {
    const to = path.join(into, name);
    fs.mkdirSync(path.dirname(to), { recursive: true });
    // A source map comment would make the browser's tools ask for a file that we do not serve.
    const text = fs.readFileSync(from(source), "utf8").replace(/^\/\/# sourceMappingURL=.*$/m, "");
    readable(source, text);
    fs.writeFileSync(to, text);
  }
}

// Chromium 109 reads ECMAScript 2022: a package that has moved on is refused here, not on the wards.
function readable(name, text) {
  try {
    acorn.parse(text, { ecmaVersion: 2022, sourceType: "script" });
  } catch (error) {
    throw new Error(`${name} is newer than ECMAScript 2022, which is what Chromium 109 reads: ${error.message}`);
  }
}

function checkOwnScripts() {
  const packages = path.join(root, "yidang");
  for (const name of fs.readdirSync(packages)) {
    const folder = path.join(packages, name, "static");
    if (!fs.existsSync(folder)) continue;
    for (const file of fs.readdirSync(folder, { recursive: true })) {
      if (file.endsWith(".js") && !file.startsWith("vendor")) readable(`${name}/static/${file}`, fs.readFileSync(path.join(folder, file), "utf8"));
    }
  }
}

function copyIcons() {
  const folder = path.join(into, "icons");
  fs.mkdirSync(folder, { recursive: true });
  for (const name of plan.icons) {
    const svg = fs.readFileSync(from(`@tabler/icons/icons/outline/${name}.svg`), "utf8");
    const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
    const shapes = inner.replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none" ?\/>/, "").replace(/\s*\n\s*/g, "");
    fs.writeFileSync(path.join(folder, `${name}.svg`), `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">${shapes}</svg>\n`);
  }
}

function cutTabler() {
  const keep = plan.tabler.keep.map((pattern) => new RegExp(pattern));
  const drop = plan.tabler.drop.map((pattern) => new RegExp(pattern));
  const wanted = (selector) => keep.some((k) => k.test(selector)) && !drop.some((d) => d.test(selector)) && !/\[data-bs|\.theme|\.dark|\.card|\.page/.test(selector);
  const sheet = postcss.parse(fs.readFileSync(from(plan.tabler.source), "utf8"));
  sheet.walkComments((comment) => comment.remove());
  sheet.walkRules((rule) => {
    if (rule.parent.type === "atrule" && /keyframes/.test(rule.parent.name)) return;
    const selectors = rule.selectors.filter(wanted);
    // Tabler's colours live on :root; ours stand in tokens.css, so none of Tabler's is taken.
    if (selectors.length === 0 || /^:root/.test(rule.selector)) return rule.remove();
    rule.selectors = selectors;
  });
  sheet.walkDecls((declaration) => {
    if (TOO_NEW.test(declaration.prop + ":" + declaration.value)) declaration.remove();
  });
  sheet.walkAtRules((rule) => {
    if (rule.name === "charset" || rule.name === "property" || /keyframes|font-face/.test(rule.name)) rule.remove();
    else if (/min-width|max-width/.test(rule.params)) rule.remove();
  });
  for (let before = -1; before !== sheet.toString().length; ) {
    before = sheet.toString().length;
    sheet.walk((node) => { if (node.nodes && node.nodes.length === 0) node.remove(); });
  }
  sheet.walk((node) => { node.raws.before = "\n"; });
  fs.writeFileSync(path.join(into, "tabler.css"), `/* Cut from Tabler ${version("@tabler/core")} (MIT) by tools/assets.mjs. */\n@layer tabler {\n${sheet.toString()}\n}\n`);
}

function version(name) {
  return JSON.parse(fs.readFileSync(from(`${name}/package.json`), "utf8")).version;
}

function copyLicences() {
  const rows = plan.licences.map((name) => {
    const about = JSON.parse(fs.readFileSync(from(`${name}/package.json`), "utf8"));
    const text = fs.readdirSync(from(name)).find((file) => /^licen[cs]e/i.test(file));
    if (text) {
      const to = path.join(into, "licences", name.replace("/", "-").replace("@", "") + ".txt");
      fs.mkdirSync(path.dirname(to), { recursive: true });
      fs.copyFileSync(path.join(from(name), text), to);
    }
    return `${name} ${about.version} ${about.license}`;
  });
  fs.writeFileSync(path.join(into, "LIST.txt"), rows.join("\n") + "\n");
}

fs.rmSync(into, { recursive: true, force: true });
fs.mkdirSync(into, { recursive: true });
copyFiles();
checkOwnScripts();
copyIcons();
cutTabler();
copyLicences();
fs.rmSync(target, { recursive: true, force: true });
fs.renameSync(into, target);
console.log(`front-end files are in ${path.relative(root, target)}: ${plan.icons.length} icons, ${fs.readFileSync(path.join(target, "LIST.txt"), "utf8").trim().split("\n").join(", ")}`);
