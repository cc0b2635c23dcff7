import { Button, Group, Modal, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { outside } from "~/ui/outside";
import type { Popup } from "./state";

/** The pop-ups P1 (no account linked) and P2 (account empty). Esc is Hủy; links open a new tab. */
export function RefusalDialog({ popup, onClose }: { popup: Popup | null; onClose(): void }) {
  const { t } = useTranslation();
  // While it fades away it goes on saying what it said.
  const [said, setSaid] = useState(popup);
  if (popup !== null && popup !== said) setSaid(popup);
  const linkless = said === "not_linked";
  return (
    <Modal
      opened={popup !== null}
      onClose={onClose}
      withCloseButton={false}
      title={t("composer.popup.failed_title")}
      size="sm"
    >
      <Text>{linkless ? t("composer.popup.not_linked") : t("composer.popup.no_money")}</Text>
      <Group justify="flex-end" mt="lg">
        <Button
          component="a"
          href={linkless ? "/settings/channels" : outside.pricing}
          target="_blank"
          rel="noopener noreferrer"
          data-autofocus
          onClick={onClose}
        >
          {linkless ? t("composer.popup.link") : t("composer.popup.topup")}
        </Button>
        <Button variant="default" onClick={onClose}>
          {t("composer.popup.cancel")}
        </Button>
      </Group>
    </Modal>
  );
}
