import type { ReactNode, Ref } from "react";
import classes from "./page.module.css";

/** A settings page: heading, one sentence, content. */
export function SettingsPage(props: {
  title: string;
  intro?: string;
  action?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <div>
          <h1 className={classes.title}>{props.title}</h1>
          {props.intro && <p className={classes.intro}>{props.intro}</p>}
        </div>
        {props.action}
      </header>
      {props.children}
    </div>
  );
}

/** A part of a page with its own heading. */
export function Card(props: {
  title?: string;
  text?: string;
  children: ReactNode;
  label?: string;
  /** To be led to: it takes the focus then. */
  id?: string;
  ref?: Ref<HTMLElement>;
}) {
  return (
    <section
      ref={props.ref}
      id={props.id}
      tabIndex={props.id ? -1 : undefined}
      className={classes.card}
      aria-label={props.label ?? props.title}
    >
      {props.title && <h2 className={classes.cardTitle}>{props.title}</h2>}
      {props.text && <p className={classes.intro}>{props.text}</p>}
      {props.children}
    </section>
  );
}
