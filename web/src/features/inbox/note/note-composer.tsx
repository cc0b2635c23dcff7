import { Button, Textarea } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";
import { writeNote } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { live } from "~/realtime/instance";
import { membersQuery } from "~/realtime/queries";
import { isPressed } from "~/ui/keys";
import { forget, recall, remember } from "~/ui/remember";
import { fitting, type Mentionable, toStored, typing } from "./mentions";
import classes from "./note.module.css";

interface Kept {
  text: string;
  picked: Mentionable[];
  /** Stays through every try, so that a note is written once. */
  clientId: string;
}

const fresh = (): Kept => ({ text: "", picked: [], clientId: crypto.randomUUID() });

/** Where a private note is written. It looks different from where a reply is written, so that nobody confounds them. */
export function NoteComposer(props: { ref?: Ref<{ focus(): void }>; conversation: string; onLeave(): void }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const place = `note.${props.conversation}`;
  const [kept, setKept] = useState<Kept>(() => recall(place, fresh()));
  const field = useRef<HTMLTextAreaElement>(null);
  useImperativeHandle(props.ref, () => ({ focus: () => field.current?.focus() }));
  useEffect(() => {
    // Nothing typed is lost when the page goes.
    if (kept.text) remember(place, kept);
    else forget(place);
  }, [place, kept]);
  const write = useMutation({
    mutationFn: () =>
      writeNote(props.conversation, {
        client_id: kept.clientId,
        text: toStored(kept.text, kept.picked),
      }),
    onSuccess: (note) => {
      live.upsert("message.upserted", note);
      setKept(fresh());
    },
  });
  const mention = useMention(field, setKept);
  const ready = kept.text.trim() !== "" && !write.isPending;
  const submit = () => ready && write.mutate();

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const press = event.nativeEvent;
    if (mention.onKeyDown(press)) {
      event.preventDefault();
      return;
    }
    if (isPressed("leave", press)) props.onLeave();
    if (!isPressed("send", press)) return;
    event.preventDefault();
    submit();
  };
  return (
    <section className={classes.composer} aria-label={t("note.label")}>
      {write.isError && (
        <p role="alert" className={classes.problem}>
          {t("note.refused", { reason: texts.problem(ApiProblem.of(write.error)) })}
        </p>
      )}
      <div className={classes.row}>
        <div className={classes.anchor}>
          {mention.found.length > 0 && (
            <div
              role="listbox"
              id="note-mentions"
              aria-label={t("note.mentions")}
              className={classes.options}
            >
              {mention.found.map((member, index) => (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys, as in every combobox.
                <div
                  key={member.id}
                  id={`note-mention-${index}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={index === mention.at}
                  className={classes.option}
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={() => mention.pick(member)}
                >
                  {member.display_name}
                </div>
              ))}
            </div>
          )}
          <Textarea
            ref={field}
            classNames={{ input: classes.input }}
            aria-label={t("note.field")}
            aria-controls={mention.found.length > 0 ? "note-mentions" : undefined}
            aria-activedescendant={mention.found.length > 0 ? `note-mention-${mention.at}` : undefined}
            placeholder={t("note.placeholder")}
            autosize
            minRows={1}
            maxRows={8}
            value={kept.text}
            onChange={(event) => {
              const { value, selectionStart } = event.currentTarget;
              setKept((have) => ({ ...have, text: value }));
              mention.look(value, selectionStart);
            }}
            onKeyDown={onKeyDown}
            onBlur={mention.close}
          />
        </div>
        <Button
          color="yellow"
          variant="filled"
          autoContrast
          onClick={submit}
          disabled={!ready}
          loading={write.isPending}
        >
          {t("note.write")}
        </Button>
      </div>
      <p className={classes.hint}>{t("note.hint")}</p>
    </section>
  );
}

/** The list of members that opens with `@`. */
function useMention(
  field: React.RefObject<HTMLTextAreaElement | null>,
  setKept: (to: (have: Kept) => Kept) => void,
) {
  const members = useQuery(membersQuery()).data ?? [];
  const [typed, setTyped] = useState<{ from: number; query: string } | null>(null);
  const [at, setAt] = useState(0);
  const found = typed
    ? fitting(
        members.filter((m) => m.status === "active"),
        typed.query,
      )
    : [];
  const caret = useRef<number | null>(null);
  useEffect(() => {
    if (caret.current === null || !field.current) return;
    field.current.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  });
  const pick = (member: Mentionable) => {
    if (!typed) return;
    const name = `@${member.display_name} `;
    const end = typed.from + 1 + typed.query.length;
    caret.current = typed.from + name.length;
    const { id, display_name } = member;
    setKept((have) => ({
      ...have,
      text: have.text.slice(0, typed.from) + name + have.text.slice(end),
      picked: [...have.picked.filter((m) => m.id !== id), { id, display_name }],
    }));
    setTyped(null);
    field.current?.focus();
  };
  return {
    found,
    at: Math.min(at, Math.max(found.length - 1, 0)),
    pick,
    close: () => setTyped(null),
    look: (text: string, place: number) => {
      setTyped(typing(text, place));
      setAt(0);
    },
    /** Did the list take the key? */
    onKeyDown: (press: globalThis.KeyboardEvent): boolean => {
      if (found.length === 0) return false;
      if (isPressed("walk_down", press)) setAt((at + 1) % found.length);
      else if (isPressed("walk_up", press)) setAt((at + found.length - 1) % found.length);
      else if (isPressed("leave", press)) setTyped(null);
      else if (isPressed("send", press) || press.key === "Tab") {
        const member = found[Math.min(at, found.length - 1)];
        if (member) pick(member);
      } else return false;
      return true;
    },
  };
}
