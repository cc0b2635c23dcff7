import { Textarea, type TextareaProps } from "@mantine/core";
import classes from "./growing.module.css";

/** Browsers that let a field grow by itself need no script that measures it after every letter. */
const GROWS = typeof CSS !== "undefined" && CSS.supports?.("field-sizing", "content");

/** A field of one line that grows with what is written, up to eight. */
export function Growing(props: TextareaProps) {
  if (!GROWS) return <Textarea autosize minRows={1} maxRows={8} {...props} />;
  return <Textarea rows={1} {...props} classNames={{ input: classes.grows }} />;
}
