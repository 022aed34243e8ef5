/* How far each node used its uplink and its downlink, over time. */
{
  const rowsOf = shoal.unpackRowsOnce;
  const meanOf = (row) => d3.mean(row) / 1000;
  const limited = (node, way) => (way === "sent" ? node.upload_bytes_per_s : node.download_bytes_per_s) > 0;

  const inWords = (detail, way) => {
    const rows = rowsOf(detail, way);
    const line = way === "sent" ? "uplink" : "downlink";
    const means = rows.map((row, i) => ({ name: detail.nodes[i].name, mean: meanOf(row) }));
    const most = means[d3.scan(means, (a, b) => b.mean - a.mean)], least = means[d3.scan(means, (a, b) => a.mean - b.mean)];
    if (!most || most.mean === 0) return `Nothing went through any ${line}.`;
    const unlimited = detail.nodes.filter((node) => !limited(node, way)).length;
    const note = unlimited ? ` ${unlimited === detail.nodes.length ? "No rate is" : `The rate of ${shoal.plural(unlimited, "node")} is not`} limited: their use is set against the most that went through.` : "";
    return `On average the ${line}s of these nodes were ${shoal.percent(d3.mean(means, (m) => m.mean))} in use: most ${shoal.shown(most.name)}'s` +
      ` with ${shoal.percent(most.mean)}, least ${shoal.shown(least.name)}'s with ${shoal.percent(least.mean)}.${note}`;
  };

  const plot = (parent, one, getDetail, way, title) =>
    shoal.figure(parent, {
      title, name: way, height: 300,
      draw: (body, width) => {
        const detail = getDetail();
        if (!detail) return shoal.nothing(body, "This model was not played.");
        const rows = rowsOf(detail, way), step = detail.length_s / detail.steps;
        shoal.heatmap(body, width, {
          label: `${title} in ${shoal.caseName(one)}`, rows: detail.nodes.map((node) => node.name), columns: detail.steps,
          x: [0, detail.length_s], unit: "s since the first download began", legend: { label: "in use", ends: ["0", "100 %"] },
          value: (r, c) => rows[r][c] / 1000,
          describe: (r, c) => [shoal.shown(detail.nodes[r].name), `${shoal.seconds(c * step)} to ${shoal.seconds((c + 1) * step)}`,
            `${shoal.rate((rows[r][c] / 1000) * detail[way].of_bytes_per_s[r])}, ${shoal.percent(rows[r][c] / 1000)} of ` +
            `${limited(detail.nodes[r], way) ? "its rate" : "its peak"}, ${shoal.rate(detail[way].of_bytes_per_s[r])}`],
        });
        return inWords(detail, way);
      },
    });

  shoal.links = (parent, one, getDetail) => [
    plot(parent, one, getDetail, "sent", "Use of each uplink"),
    plot(parent, one, getDetail, "received", "Use of each downlink"),
  ];
}
