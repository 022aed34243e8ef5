// A headless browser with an empty profile, and the page of a report in it.
"use strict";
const fs = require("fs");
const path = require("path");

const modules = process.env.SHOAL_NODE_MODULES || path.join(__dirname, "node_modules");
const { chromium } = require(path.join(modules, "playwright-core"));

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

const find = () => ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((name) => fs.existsSync(name));

// work(page, seen): seen has errors and requests; what work gives is given back.
exports.visit = async (file, { width = 1280, height = 900, theme = "light" } = {}, work) => {
  const browser = await chromium.launch({ executablePath: find(), headless: true, args: flags });
  try {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, reducedMotion: "reduce" });
    const page = await context.newPage();
    const seen = { errors: [], requests: [] };
    page.on("console", (message) => { if (message.type() === "error" || message.type() === "warning") seen.errors.push(message.text()); });
    page.on("pageerror", (error) => seen.errors.push(String(error.stack || error)));
    page.on("request", (request) => seen.requests.push(request.url()));
    await page.goto(`file://${path.resolve(file)}`);
    return await work(page, seen);
  } finally {
    await browser.close();
  }
};

// Everything that the page draws when one comes near it.
exports.drawAll = async (page) => {
  await page.evaluate(() => shoal.drawAll(true));
  await page.waitForTimeout(100);
};
