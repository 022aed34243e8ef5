// A few checks, each told by name when it fails.
"use strict";
let failures = 0, checks = 0;

exports.ok = (condition, name, detail = "") => {
  checks++;
  if (condition) return;
  failures++;
  console.log(`FAIL: ${name}${detail ? `: ${detail}` : ""}`);
};
exports.equal = (actual, expected, name) =>
  exports.ok(JSON.stringify(actual) === JSON.stringify(expected), name, `${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
// The exit status.
exports.end = () => {
  console.log(`${checks} checks, ${failures} failed`);
  return failures || !checks ? 1 : 0;
};
