/// The style sheet of ``HTMLReport``. The `--chart-…` variables colour charts drawn with ``ChartTheme/page``.
enum HTMLStyle {
  static let css = """

    :root {
      --paper: #ffffff; --ink: #1c2126; --muted: #5b6570; --line: #d9dee3; --stripe: #f6f8f9; --link: #0b5cad;
      --good: #0a6b4b; --good-paper: #dcf3ea; --bad: #a3330a; --bad-paper: #fde6dc; --open: #55606b; --open-paper: #e9edf0;
      --chart-ink: #1c2126; --chart-muted: #5b6570; --chart-grid: #e3e7ea; --chart-paper: #ffffff;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #14181c; --ink: #e4e8eb; --muted: #9aa5af; --line: #333b43; --stripe: #1a1f24; --link: #7db8ef;
        --good: #7fdcb5; --good-paper: #12382b; --bad: #ffab88; --bad-paper: #4a2113; --open: #b3bdc6; --open-paper: #2a3138;
        --chart-ink: #e4e8eb; --chart-muted: #9aa5af; --chart-grid: #2b3238; --chart-paper: #14181c;
      }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--paper); color: var(--ink);
      font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
    main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
    h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .4rem; }
    h2 { font-size: 1.2rem; margin: 2.4rem 0 .7rem; }
    h3 { font-size: 1rem; margin: 1.4rem 0 .5rem; color: var(--muted); }
    a { color: var(--link); }
    small, .caption, .citation, .run, figcaption { color: var(--muted); }
    .citation { margin: 0 0 .8rem; }
    .counts { margin: 0; }
    .run { margin-left: .4rem; font-size: .9rem; }
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; min-width: 40%; }
    th, td { padding: .4rem .8rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; text-align: left; }
    thead th { border-bottom: 2px solid var(--muted); white-space: nowrap; }
    tbody tr:hover { background: var(--stripe); }
    .trailing { text-align: right; }
    .center { text-align: center; }
    table.claims { width: 100%; }
    td.id { font-weight: 600; white-space: nowrap; }
    table.facts th { font-weight: 400; color: var(--muted); padding-right: 2rem; white-space: nowrap; }
    table.facts td { overflow-wrap: anywhere; }
    .badge { display: inline-block; padding: .05rem .55rem; border-radius: 1rem; font-size: .82rem; font-weight: 600;
      white-space: nowrap; }
    .holds { color: var(--good); background: var(--good-paper); }
    .fails { color: var(--bad); background: var(--bad-paper); }
    .untested { color: var(--open); background: var(--open-paper); }
    figure { margin: 2.4rem 0 0; }
    figure svg { display: block; max-width: 100%; height: auto; }
    figcaption { margin-top: .5rem; font-size: .9rem; max-width: 45rem; }
    @media print {
      :root { --paper: #fff; --ink: #000; --muted: #444; --line: #bbb; --chart-ink: #000; --chart-muted: #444;
        --chart-grid: #ddd; --chart-paper: #fff; }
      body { font-size: 10pt; }
      main { max-width: none; padding: 0; }
      figure, tr { break-inside: avoid; }
      h2 { break-after: avoid; }
      .badge { border: 1px solid currentColor; }
      a { color: inherit; text-decoration: none; }
    }

    """
}
