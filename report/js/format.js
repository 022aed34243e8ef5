/* Figures for people. */
{
  const separated = d3.format(",");

  /* Seconds: 3 or more figures that count. */
  shoal.seconds = (s) => {
    if (s === null || s === undefined) return "\u2013";
    const size = Math.abs(s);
    const digits = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 0.1 || size === 0 ? 2 : 4;
    return `${d3.format(`,.${digits}f`)(s)}\u00a0s`.replace("-", "\u2212");
  };
  shoal.number = (n, digits = 2) => d3.format(`,.${digits}f`)(n);
  shoal.count = (n) => separated(n);
  shoal.percent = (share) => {
    const p = share * 100;
    return `${p >= 10 || p === 0 ? d3.format(",.0f")(p) : d3.format(".1f")(p)}\u00a0%`;
  };
  const scaled = (n, unit) => {
    for (const [size, prefix] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]])
      if (n >= size) return `${+(n / size).toPrecision(3)}\u00a0${prefix}${unit}`;
    return `${+n.toPrecision(3)}\u00a0${unit}`;
  };
  shoal.bytes = (n) => scaled(n, "B");
  shoal.rate = (n) => `${scaled(n, "B")}/s`;
  shoal.plural = (n, one, many = one + "s") => `${separated(n)} ${n === 1 ? one : many}`;
  /* "67.2 s", over seeds "67.2 s (67.0 to 67.4 s)". */
  shoal.range = (spread, show) => {
    if (!spread) return "\u2013";
    const least = show(spread.min), most = show(spread.max);
    return least === most ? least : `${show(spread.median)} (${least.replace(/\u00a0s$/, "")} to ${most})`;
  };
}
