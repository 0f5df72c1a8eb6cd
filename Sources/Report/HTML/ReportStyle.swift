/// The style sheet of report pages.
enum ReportStyle {
    static let sheet: StaticString = """

        :root {
          --page: #f6f7f9; --card: #ffffff; --text: #1b2430; --soft: #5b6675; --line: #dfe3e8;
          --before: #b3bdca; --after: #0f7b6c; --same: #d5dae1;
          --good: #0f7b6c; --bad: #b3261e; --warn-page: #fff6e0; --warn-line: #e0b23c; --code: #eef1f4;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #12161c; --card: #1a2028; --text: #e4e8ee; --soft: #9aa6b4; --line: #2d3641;
            --before: #5d6b7c; --after: #3cc4ae; --same: #38424f;
            --good: #4fd1bb; --bad: #ff8a80; --warn-page: #2b2413; --warn-line: #8a6d1f; --code: #232b35;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0; background: var(--page); color: var(--text);
          font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
          -webkit-text-size-adjust: 100%;
        }
        main { max-width: 66rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
        h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .5rem; overflow-wrap: anywhere; }
        h2 { font-size: 1.15rem; margin: 0 0 .75rem; }
        h3 { font-size: 1rem; margin: 0; }
        p { margin: 0 0 .75rem; overflow-wrap: anywhere; }
        .tool { color: var(--soft); font-size: .85rem; margin: 0 0 .25rem; }
        .lead { color: var(--soft); max-width: 48rem; margin-bottom: 1.5rem; }
        .remark { color: var(--soft); font-size: .85rem; margin: .75rem 0 0; }
        .highlights { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); }
        .tile, section {
          background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
        }
        .tile { padding: .9rem 1rem; }
        .tile .name { color: var(--soft); font-size: .85rem; }
        .tile .value { font-size: 1.6rem; font-weight: 650; line-height: 1.3; color: var(--good); }
        .tile.bad .value { color: var(--bad); }
        .tile .remark { margin: 0; font-variant-numeric: tabular-nums; }
        .warning {
          background: var(--warn-page); border: 1px solid var(--warn-line); border-radius: .6rem;
          padding: .75rem 1rem; margin: .75rem 0 0;
        }
        section { padding: 1.25rem; margin-top: .75rem; }
        code, pre { font: .86em/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
        code { overflow-wrap: anywhere; unicode-bidi: isolate; }
        .scroll code { overflow-wrap: normal; }
        pre { background: var(--code); border-radius: .4rem; padding: .75rem .9rem; margin: 0 0 1rem; }
        pre .line { display: block; white-space: pre-wrap; font-size: 1em; padding-left: 2ch; text-indent: -2ch; }
        dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .25rem 1.25rem; margin: 0; }
        dt { color: var(--soft); }
        dd { margin: 0; overflow-wrap: anywhere; unicode-bidi: isolate; font-variant-numeric: tabular-nums; }
        ul { margin: .5rem 0 0; padding-left: 1.2rem; }
        li { overflow-wrap: anywhere; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
        th { color: var(--soft); font-weight: 500; text-align: left; }
        th, td { padding: .4rem .9rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        tbody tr:last-child td { border-bottom: 0; }
        td { unicode-bidi: isolate; }
        .wide { min-width: 46rem; }
        .number { text-align: right; white-space: nowrap; }
        th:last-child, td:last-child { padding-right: 0; }
        .badge {
          display: inline-block; font-size: .75rem; font-weight: 600; line-height: 1.5; padding: 0 .5rem;
          border: 1px solid currentColor; border-radius: 1rem; white-space: nowrap; color: var(--soft);
        }
        .badge.good { color: var(--good); }
        .badge.bad { color: var(--bad); }
        .check { border-top: 1px solid var(--line); padding: .75rem 0; }
        .check:last-child { padding-bottom: 0; }
        .check p { margin: .25rem 0 0; color: var(--soft); }
        details { margin-top: .25rem; font-size: .9rem; color: var(--soft); }
        summary { cursor: pointer; }
        .legend { font-size: .85rem; color: var(--soft); }
        .legend { display: flex; align-items: center; gap: .4rem; }
        .swatch { width: .8rem; height: .8rem; border-radius: .2rem; }
        .swatch:not(:first-child) { margin-left: .6rem; }
        .swatch.before, .bar.before { background: var(--before); }
        .swatch.after, .bar.after { background: var(--after); }
        .swatch.same, .bar.same { background: var(--same); }
        .chart { list-style: none; margin: 0; padding: 0; }
        .chart li {
          display: grid; grid-template-columns: minmax(0, 18rem) minmax(0, 1fr) 13.5rem; gap: 0 1rem;
          align-items: center; padding: .3rem 0; font-size: .9rem;
        }
        .chart .kind { color: var(--soft); white-space: nowrap; }
        .chart .figures { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .bar { height: .55rem; min-width: 2px; border-radius: .15rem; }
        .bar + .bar { margin-top: 2px; }
        .plot { width: 100%; height: auto; }
        .plot.narrow { display: none; }
        .plot text { font-size: 13px; fill: var(--text); }
        .plot line, .plot polyline { stroke-width: 1.5; }
        .plot .grid { stroke: var(--line); }
        .plot .axis { stroke: var(--soft); }
        .plot .reference { stroke: var(--soft); stroke-dasharray: 5 4; }
        .plot .heat { fill: var(--after); }
        .plot .series0 { stroke: var(--after); fill: var(--after); }
        .plot .series1 { stroke: #c9730f; fill: #c9730f; }
        .plot .series2 { stroke: #5b7be0; fill: #5b7be0; }
        .plot .series3 { stroke: #b05fb5; fill: #b05fb5; }
        .plot .series4 { stroke: #d64550; fill: #d64550; }
        .plot polyline { fill: none !important; }
        .plot .ring { fill: none; stroke-width: 2.5; }
        @media (max-width: 46rem) {
          main { padding: 1.25rem .75rem 3rem; }
          section { padding: 1rem; }
          .highlights { grid-template-columns: repeat(2, minmax(0, 1fr)); }
          .tile .value { font-size: 1.35rem; }
          .chart li { grid-template-columns: minmax(0, 1fr) max-content; padding: .45rem 0; }
          .chart .bars { grid-column: 1 / -1; grid-row: 2; margin-top: .25rem; }
          .plot { display: none; }
          .plot.narrow { display: block; }
          .wide { min-width: 0; }
          .wide thead { display: none; }
          .wide tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); }
          .wide tbody tr:last-child { border-bottom: 0; }
          .wide td { display: flex; justify-content: space-between; gap: 1rem; padding: .1rem 0; border: 0; }
          .wide td { text-align: right; white-space: normal; overflow-wrap: anywhere; }
          .wide td::before { content: attr(data-title); color: var(--soft); text-align: left; white-space: nowrap; }
          .wide td:empty { display: none; }
          dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
          dd { margin-bottom: .5rem; }
        }
        @media print { body { background: none; } section { break-inside: avoid; } }

        """
}
