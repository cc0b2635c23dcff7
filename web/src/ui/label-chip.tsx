import { Badge, CloseButton } from "@mantine/core";
import classes from "./label-chip.module.css";

/** A label as it is shown everywhere: its name on its colour. */
export function LabelChip(props: {
  label: { name: string; colour: string; archived: boolean };
  small?: boolean;
  /** Takes it off; without it the chip is only to be read. */
  onRemove?: () => void;
  removeLabel?: string;
}) {
  const { label } = props;
  return (
    <Badge
      variant={label.archived ? "outline" : "light"}
      color={label.colour}
      className={classes.chip}
      style={{ "--chip-colour": `var(--mantine-color-${label.colour}-9)` }}
      data-archived={label.archived || undefined}
      tt="none"
      fw={500}
      size={props.small ? "xs" : "md"}
      maw="100%"
      title={label.name}
      data-testid="label"
      rightSection={
        props.onRemove && (
          <CloseButton
            size={16}
            iconSize={12}
            variant="transparent"
            c="inherit"
            aria-label={props.removeLabel}
            onClick={props.onRemove}
          />
        )
      }
    >
      {label.name}
    </Badge>
  );
}
