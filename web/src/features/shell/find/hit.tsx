import { useQuery } from "@tanstack/react-query";
import type { SearchHit } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTranslation } from "~/i18n/use-translation";
import { membersQuery } from "~/realtime/queries";
import { Person } from "~/ui/person";
import classes from "./find.module.css";

/** A message that was found: with whom, who wrote, when, and the words with what was looked for marked. */
export function HitRow({ hit }: { hit: SearchHit }) {
  const { t } = useTranslation();
  const format = useFormat();
  const members = useQuery(membersQuery()).data;
  const writer =
    hit.direction === "in"
      ? undefined
      : (members?.find((member) => member.id === hit.member_id)?.display_name ?? t("find.us"));
  return (
    <>
      <Person name={hit.customer.display_name} src={hit.customer.avatar_url} size={30} />
      <div className={classes.hit}>
        <div className={classes.head}>
          <span className={classes.name}>{hit.customer.display_name}</span>
          <time className={classes.time} dateTime={new Date(hit.sent_at).toISOString()}>
            {format.asOf(hit.sent_at)}
          </time>
        </div>
        <div className={classes.snippet}>
          {writer && <span className={classes.writer}>{t("find.by", { name: writer })} </span>}
          {hit.kind !== "text" && <span className={classes.kind}>{t(`kinds.${hit.kind}`)} </span>}
          {hit.snippet.map((piece, index) =>
            piece.hit ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text, which never change their order.
              <mark key={index} className={classes.mark}>
                {piece.text}
              </mark>
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: as above.
              <span key={index}>{piece.text}</span>
            ),
          )}
        </div>
      </div>
    </>
  );
}
