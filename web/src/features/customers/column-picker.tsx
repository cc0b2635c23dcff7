import { ActionIcon, Button, Checkbox, Popover } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconColumns } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { useFormat } from "~/i18n/use-format";
import { useTranslation } from "~/i18n/use-translation";
import { LazyPopover } from "~/ui/lazy";
import type { Column } from "./columns";
import classes from "./customers.module.css";

/** Which columns stand in the list, and in which order. */
export function ColumnPicker(props: {
  columns: readonly Column[];
  shown: readonly string[];
  onChange(shown: string[]): void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const [opened, setOpened] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const { columns, shown, onChange } = props;
  const known = shown.filter((key) => columns.some((column) => column.key === key));
  const others = columns.map((column) => column.key).filter((key) => !shown.includes(key));
  const move = (at: number, by: number) => {
    const to = [...known];
    const [key] = to.splice(at, 1);
    if (key !== undefined) to.splice(at + by, 0, key);
    onChange(to);
  };
  return (
    <>
      <Button
        ref={button}
        size="xs"
        variant="default"
        aria-haspopup="dialog"
        leftSection={<IconColumns size={14} aria-hidden="true" />}
        onClick={() => setOpened(!opened)}
      >
        {t("customers.columns")}
      </Button>
      <LazyPopover at={button.current} opened={opened} onChange={setOpened} position="bottom-end" shadow="md">
        <Popover.Dropdown aria-label={t("customers.columns")}>
          <ul className={classes.picker}>
            {[...known, ...others].map((key, at) => {
              const title = columns.find((column) => column.key === key)?.title({ t, format }) ?? key;
              const isShown = at < known.length;
              return (
                <li key={key} className={classes.pick}>
                  <Checkbox
                    size="xs"
                    label={title}
                    checked={isShown}
                    // A list without any column would be no list.
                    disabled={isShown && known.length === 1}
                    onChange={() => onChange(isShown ? known.filter((k) => k !== key) : [...known, key])}
                  />
                  {isShown && (
                    <span>
                      <ActionIcon
                        size="sm"
                        variant="subtle"
                        color="gray"
                        disabled={at === 0}
                        aria-label={t("customers.column_left", { column: title })}
                        onClick={() => move(at, -1)}
                      >
                        <IconArrowUp size={14} aria-hidden="true" />
                      </ActionIcon>
                      <ActionIcon
                        size="sm"
                        variant="subtle"
                        color="gray"
                        disabled={at === known.length - 1}
                        aria-label={t("customers.column_right", { column: title })}
                        onClick={() => move(at, 1)}
                      >
                        <IconArrowDown size={14} aria-hidden="true" />
                      </ActionIcon>
                    </span>
                  )}
                </li>
              );
            })}
          </ul>
        </Popover.Dropdown>
      </LazyPopover>
    </>
  );
}
