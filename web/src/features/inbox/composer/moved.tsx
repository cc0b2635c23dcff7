import { Button, Kbd } from "@mantine/core";
import type { ApiProblem } from "~/api/problem";
import type { Message } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTranslation } from "~/i18n/use-translation";
import { useShortcuts } from "~/ui/keys";
import classes from "./composer.module.css";

/** What came while a message was written, with the choice to send it all the same or to read first. */
export function Moved(props: {
  problem: ApiProblem;
  customer: string;
  writer(member: string | undefined): string;
  onSend(): void;
  onRead(): void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  useShortcuts({ send_anyway: props.onSend });
  const news = (props.problem.params.messages ?? []) as Message[];
  const count = Number(props.problem.params.count ?? news.length);
  return (
    <section
      className={classes.moved}
      role="alert"
      aria-label={t("composer.moved.title")}
      data-testid="moved"
    >
      <p className={classes.movedTitle}>{t("composer.moved.title")}</p>
      <ul className={classes.movedList}>
        {news.map((message) => (
          <li key={message.id}>
            <strong>
              {message.author === "customer" ? props.customer : props.writer(message.member_id)}
            </strong>{" "}
            <span className={classes.movedTime}>{format.time(message.sent_at)}</span>{" "}
            {message.text ?? t(`kinds.${message.kind}`)}
          </li>
        ))}
      </ul>
      {count > news.length && <p>{t("composer.moved.more", { count: count - news.length })}</p>}
      <div className={classes.movedActions}>
        <Button size="xs" variant="default" rightSection={<Kbd size="xs">Esc</Kbd>} onClick={props.onRead}>
          {t("composer.moved.read")}
        </Button>
        <Button size="xs" rightSection={<Kbd size="xs">Alt Enter</Kbd>} onClick={props.onSend}>
          {t("composer.moved.send")}
        </Button>
      </div>
    </section>
  );
}
