import { Button, Group, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "~/i18n/use-translation";
import { LazyModal } from "~/ui/lazy";
import type { ReportManagers } from "../use-report";
import classes from "./composer.module.css";
import { ReportButton, ReportText } from "./report";
import type { ComposerState, Popup } from "./state";

/**
 * The pop-ups P1 (no account linked) and P2 (account empty). The focus goes to the first button, Esc is Hủy, links open
 * a new tab. Whoever may not configure the account can report it instead.
 */
export function RefusalDialog(props: {
  popup: Popup | null;
  room: ComposerState["room"];
  report: ReportManagers;
  onClose(): void;
}) {
  const { t } = useTranslation();
  const { popup, room, report, onClose } = props;
  // While it fades away it goes on saying what it said.
  const [said, setSaid] = useState(popup);
  if (popup !== null && popup !== said) setSaid(popup);
  const linkless = said === "not_linked";
  const href = linkless ? "/settings/channels" : room?.links.top_up;
  return (
    <LazyModal
      opened={popup !== null}
      onClose={onClose}
      withCloseButton={false}
      title={t("composer.popup.failed_title")}
      size="sm"
    >
      <Text>{linkless ? t("composer.popup.not_linked") : t("composer.popup.no_money")}</Text>
      <div aria-live="polite" className={classes.popupSaid}>
        <ReportText report={report} />
      </div>
      <Group justify="flex-end" mt="lg">
        {room?.may_configure === false ? (
          <ReportButton report={report} focus />
        ) : (
          href && (
            <Button
              component="a"
              href={href}
              target="_blank"
              rel="noopener noreferrer"
              data-autofocus
              onClick={onClose}
            >
              {linkless ? t("composer.popup.link") : t("composer.popup.topup")}
            </Button>
          )
        )}
        <Button variant="default" onClick={onClose}>
          {t("composer.popup.cancel")}
        </Button>
      </Group>
    </LazyModal>
  );
}
