import classes from "./logo.module.css";

/** The mark: a loudspeaker whose waves are brass. `size` in pixels. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg className={classes.mark} viewBox="0 0 32 32" width={size} height={size} aria-hidden="true">
      <rect className={classes.ground} width="32" height="32" rx="8" />
      <path
        className={classes.horn}
        d="M7 13.4v5.2c0 .7.5 1.3 1.2 1.4l2 .3.9 4.1c.2.7.8 1.2 1.5 1.2h.9c1 0 1.7-.9 1.5-1.9l-.6-2.8 2.9.5V10.6l-9.1 1.4c-.7.1-1.2.7-1.2 1.4Z"
      />
      <path className={classes.rim} d="M19.6 10.2v11.6" />
      <path className={classes.waves} d="M22.9 12.9a4.4 4.4 0 0 1 0 6.2M25.3 10.3a8 8 0 0 1 0 11.4" />
    </svg>
  );
}
