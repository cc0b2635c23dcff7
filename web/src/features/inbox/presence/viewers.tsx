import { useQuery } from "@tanstack/react-query";
import type { Viewer } from "~/api/types";
import { useTranslation } from "~/i18n/use-translation";
import { live } from "~/realtime/instance";
import { useViewers } from "~/realtime/presence";
import { membersQuery, sessionQuery } from "~/realtime/queries";
import { Person } from "~/ui/person";
import classes from "./presence.module.css";

/** At most so many faces; the rest is a number. */
const FACES = 3;

interface Colleague extends Viewer {
  name: string;
}

/** The others who are in a conversation now, those who type first. */
export function useColleagues(conversation: string): Colleague[] {
  const viewers = useViewers(live.present, conversation);
  const members = useQuery(membersQuery()).data ?? [];
  const me = useQuery(sessionQuery).data?.member.id;
  return viewers
    .filter((viewer) => viewer.member_id !== me)
    .map((viewer) => ({
      ...viewer,
      name: members.find((member) => member.id === viewer.member_id)?.display_name ?? "",
    }))
    .filter((viewer) => viewer.name !== "")
    .sort((a, b) => Number(b.typing) - Number(a.typing));
}

/** Faces of the colleagues who are in a conversation. */
export function Viewers({ conversation, size }: { conversation: string; size: number }) {
  const { t } = useTranslation();
  const colleagues = useColleagues(conversation);
  if (colleagues.length === 0) return null;
  const names = colleagues.map(({ name }) => name).join(", ");
  const label = colleagues.some(({ typing }) => typing)
    ? t("presence.viewing_typing", { names })
    : t("presence.viewing", { names });
  return (
    <span data-hint={label} className={classes.faces} role="img" aria-label={label}>
      {colleagues.slice(0, FACES).map(({ member_id, name, typing }) => (
        <span key={member_id} className={classes.face} data-typing={typing || undefined}>
          <Person name={name} size={size} />
        </span>
      ))}
      {colleagues.length > FACES && (
        <span className={classes.others}>{t("presence.others", { n: colleagues.length - FACES })}</span>
      )}
    </span>
  );
}

/** "Lan đang nhập…", over the composer. */
export function TypingLine({ conversation }: { conversation: string }) {
  const { t } = useTranslation();
  const names = useColleagues(conversation)
    .filter(({ typing }) => typing)
    .map(({ name }) => name);
  return (
    <div className={classes.typing} aria-live="polite">
      {names.length > 0 && (
        <span className={classes.said}>
          {names.length > 2
            ? t("presence.typing_many", { n: names.length })
            : t("presence.typing", { names: names.join(", ") })}
        </span>
      )}
    </div>
  );
}
