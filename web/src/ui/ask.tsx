import { Button, Group } from "@mantine/core";
import { useTranslation } from "~/i18n/use-translation";
import { LazyModal } from "./lazy";

/** Asks once before something is removed for good. */
export function Ask(props: {
  opened: boolean;
  title: string;
  text: string;
  action: string;
  busy: boolean;
  onDo(): void;
  onClose(): void;
}) {
  const { t } = useTranslation();
  return (
    <LazyModal
      opened={props.opened}
      onClose={props.onClose}
      title={props.title}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <p>{props.text}</p>
      <Group justify="flex-end">
        <Button variant="default" data-autofocus onClick={props.onClose}>
          {t("common.cancel")}
        </Button>
        <Button color="red" loading={props.busy} onClick={props.onDo}>
          {props.action}
        </Button>
      </Group>
    </LazyModal>
  );
}
