/* Puts the page together. */
{
  const { el, data } = shoal;
  const main = document.getElementById("main");
  const shown = d3.sum(data.cases, (one) => one.runs.length);
  const plain = data.cases.filter((one) => !one.of_study), studies = data.studies || [];

  const about = () => {
    const when = new Date(data.made_unix_s * 1000).toISOString().slice(0, 16).replace("T", " ");
    const rest = data.stored_runs > shown ? ` of ${shoal.count(data.stored_runs)}; the others were played again later, or are of other scenarios` : "";
    const counted = [plain.length || !studies.length ? shoal.plural(plain.length, "scenario") : "", studies.length ? shoal.plural(studies.length, "study", "studies") : ""].filter(Boolean).join(", ");
    document.getElementById("title").textContent = shoal.shown(data.title);
    document.title = `shoal: ${shoal.shown(data.title)}`;
    document.getElementById("about").textContent = `${counted}, ${shoal.plural(shown, "run")}${rest}. Report of ${when} UTC, shoal ${data.program_version}.`;
    document.getElementById("foot").textContent =
      "Makespan: from the first download\u2019s start to the last one\u2019s end. Bound: the fluid bound, which no protocol can beat when all start at once " +
      "(Kumar & Ross 2006). Stretch: P2P makespan \u00f7 bound. Speed-up: server-client makespan \u00f7 P2P makespan. Plots can be read with the arrow keys. Drawn with D3, \u00a9 Mike Bostock, BSD licence.";
  };

  /* ---- light and dark ---- */

  const system = matchMedia("(prefers-color-scheme: dark)");
  const button = document.getElementById("theme");
  let chosen = null;
  const setTheme = (theme, alsoUnseen) => {
    document.documentElement.dataset.theme = theme;
    button.textContent = theme === "dark" ? "Light" : "Dark";
    button.setAttribute("aria-label", theme === "dark" ? "Light colours" : "Dark colours");
    shoal.drawAll(alsoUnseen);
    shoal.drawSummary?.();
  };
  const current = () => chosen || (system.matches ? "dark" : "light");
  button.addEventListener("click", () => { chosen = current() === "dark" ? "light" : "dark"; setTheme(chosen); });
  system.addEventListener("change", () => setTheme(current()));
  /* On paper plots are drawn as wide as the paper is, all of them. */
  addEventListener("beforeprint", () => { document.documentElement.classList.add("printing"); setTheme("light", true); });
  addEventListener("afterprint", () => { document.documentElement.classList.remove("printing"); setTheme(current()); });

  const contents = () => {
    const nav = document.getElementById("contents");
    const add = (id, text) => nav.append(el("a", { href: `#${id}`, text }));
    studies.forEach((study, i) => add(`study-${i}`, shoal.shown(study.study)));
    if (plain.length + studies.length > 1) plain.forEach((one) => add(`case-${data.cases.indexOf(one)}`, shoal.caseName(one)));
  };

  setTheme(current());
  about();
  if (!data.cases.length) {
    main.append(el("p", { class: "notice", text: "This store has no runs yet. \u201cshoal run twenty --model both --store FILE\u201d adds some." }));
  } else {
    contents();
    shoal.summary(main, data.cases);
    shoal.series(main, plain);
    shoal.studies(main, studies);
    plain.forEach((one) => shoal.scenario(main, one, data.cases.indexOf(one)));
  }
}
