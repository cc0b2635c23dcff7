import { Kbd } from "@mantine/core";
import { Fragment } from "react";
import { useTranslation } from "~/i18n/use-translation";
import { type Shortcut, type ShortcutName, shortcuts } from "~/ui/keys";
import { LazyModal } from "~/ui/lazy";
import classes from "./shell.module.css";

const GROUPS: readonly Shortcut["group"][] = [
  "list",
  "thread",
  "message",
  "composer",
  "viewer",
  "everywhere",
];

export function ShortcutSheet({ opened, onClose }: { opened: boolean; onClose(): void }) {
  const { t } = useTranslation();
  return (
    <LazyModal
      opened={opened}
      onClose={onClose}
      title={t("shortcuts.title")}
      size="58rem"
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {opened && <Keys />}
    </LazyModal>
  );
}

function Keys() {
  const { t } = useTranslation();
  const all = Object.entries(shortcuts) as [ShortcutName, Shortcut][];
  return (
    <>
      <p className={classes.sheetText}>{t("shortcuts.text")}</p>
      <div className={classes.sheet}>
        {GROUPS.map((group) => (
          <section key={group} aria-label={t(`shortcuts.groups.${group}`)}>
            <h3 className={classes.sheetGroup}>{t(`shortcuts.groups.${group}`)}</h3>
            <dl className={classes.keys}>
              {all
                .filter(([, shortcut]) => shortcut.group === group)
                .map(([name, shortcut]) => (
                  <div key={name} className={classes.key}>
                    <dt>{t(`shortcuts.${name}`)}</dt>
                    <dd>
                      {shortcut.show.map((way, at) => (
                        <Fragment key={way}>
                          {at > 0 && <span className={classes.or}>{t("shortcuts.or")}</span>}
                          {way.split(" ").map((key) => (
                            <Kbd key={key} size="xs">
                              {key}
                            </Kbd>
                          ))}
                        </Fragment>
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </>
  );
}
