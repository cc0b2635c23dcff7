import { ActionIcon } from "@mantine/core";
import type { ReactNode } from "react";

/** A small button with an icon at the end of a row. */
export function RowTool(props: { label: string; disabled?: boolean; onClick(): void; children: ReactNode }) {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={props.label}
      title={props.label}
      disabled={props.disabled}
      onClick={props.onClick}
    >
      {props.children}
    </ActionIcon>
  );
}
