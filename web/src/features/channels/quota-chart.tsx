import { useFormat } from "~/i18n/use-format";
import classes from "./quota.module.css";
import { type Bar, OTHERS, OUTSIDE, type Series, scaleTop } from "./quota-days";

type Named = Series & { label: string };

/** How many days get their date written below. */
const DATES = 7;

/** A class keeps its colour: free ones light, the package the house's, what costs money brass. */
const OWN: Record<string, string> = {
  reply: "0",
  welcome: "5",
  package: "2",
  extra: "3",
  paid: "1",
  [OTHERS]: "others",
  [OUTSIDE]: "outside",
};

/** The colour of a series: its own, else by its place. */
const tone = (key: string, at: number) => OWN[key] ?? String(at % 6);

/** Stacked bars, one a day. A picture: whoever cannot see it has the table below. */
export function QuotaChart(props: { bars: readonly Bar[]; series: readonly Named[]; summary: string }) {
  const format = useFormat();
  const { bars, series } = props;
  const top = scaleTop(Math.max(...bars.map((bar) => bar.total), 0));
  const every = Math.max(1, Math.ceil(bars.length / DATES));
  const tones = new Map(series.map((s, at) => [s.key, tone(s.key, at)]));
  const names = new Map(series.map((s) => [s.key, s.label]));
  const said = (bar: Bar) =>
    [
      format.day(bar.day),
      ...bar.parts.map((part) => `${names.get(part.key)}: ${format.number(part.messages)}`),
    ].join("\n");
  return (
    <figure className={classes.chart}>
      <div role="img" aria-label={props.summary} className={classes.plot} data-testid="quota-chart">
        <span className={classes.scale} aria-hidden="true">
          <span>{format.number(top)}</span>
          <span>{format.number(0)}</span>
        </span>
        <span className={classes.bars} style={{ gridTemplateColumns: `repeat(${bars.length}, 1fr)` }}>
          {bars.map((bar, at) => (
            <span key={bar.day} className={classes.day} title={said(bar)}>
              <span className={classes.stack}>
                {bar.parts.map((part) => (
                  <span
                    key={part.key}
                    className={classes.part}
                    data-tone={tones.get(part.key)}
                    style={{ height: `${(part.messages / top) * 100}%` }}
                  />
                ))}
              </span>
              <span className={classes.date}>
                {(bars.length - 1 - at) % every === 0 ? format.dayShort(bar.day) : ""}
              </span>
            </span>
          ))}
        </span>
      </div>
      <figcaption>
        <ul className={classes.legend}>
          {series.map((s) => (
            <li key={s.key}>
              <span className={classes.swatch} data-tone={tones.get(s.key)} aria-hidden="true" />
              {s.label}
              <strong>{format.number(s.total)}</strong>
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
}
