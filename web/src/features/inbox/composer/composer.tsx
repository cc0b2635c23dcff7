import { ActionIcon, Button, CloseButton } from "@mantine/core";
import { IconPaperclip, IconSend2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import {
  type ClipboardEvent,
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
} from "react";
import type { ApiProblem } from "~/api/problem";
import type { Message, StoredFile } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { conversationQuery, offerQuery } from "~/realtime/queries";
import { Growing } from "~/ui/growing";
import { isPressed, isTyping, useShortcuts } from "~/ui/keys";
import { LaterButton } from "../later/later";
import { hold, type Sent, send } from "../outbox";
import type { Recheck } from "../use-recheck";
import type { ReportManagers } from "../use-report";
import classes from "./composer.module.css";
import { Extras } from "./extras/extras";
import { isEmptyDraft } from "./meet";
import { Meta } from "./meta";
import { Notice } from "./notice";
import { LIST, optionId, SlashPopover } from "./slash/popover";
import { useSlash } from "./slash/use-slash";
import { type Outgoing, parts, split } from "./split";
import { type ComposerState, type Popup, popupOf } from "./state";
import { thrift } from "./thrift";
import { TrayView } from "./tray";
import { useDraft } from "./use-draft";
import { useTray } from "./use-tray";

export interface ComposerHandle {
  /** Put a text back in front of what is written. */
  restore(text: string | undefined, file: StoredFile | undefined): void;
  /** Add files, as if they had been chosen. */
  attach(files: Iterable<File>): void;
  focus(): void;
}

export function Composer(props: {
  ref?: Ref<ComposerHandle>;
  conversation: string;
  state: ComposerState;
  quoted: Message | null;
  narrow: boolean;
  recheck: Recheck;
  report: ReportManagers;
  /** Make the conversation one's own. */
  onTake(): void;
  /** The newest message that is on the screen. */
  seen(): string | undefined;
  /** Shows what came in the meantime. */
  moved(problem: ApiProblem, to: { send(): void; read(): void }): ReactNode;
  onQuote(message: Message | null): void;
  onPopup(popup: Popup): void;
  /** A send was refused: the decision is not what was shown. */
  onRefused(): void;
}) {
  const { t } = useTranslation();
  const texts = useTexts();
  const format = useFormat();
  const { conversation, state, quoted } = props;
  const { draft, change, status, other, settle } = useDraft(conversation);
  const [problem, setProblem] = useState<string | null>(null);
  const [why, setWhy] = useState(false);
  /** Refused because the thread has moved on; what came since. */
  const [moved, setMoved] = useState<ApiProblem | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const tray = useTray((stored) =>
    change((have) => ({ ...have, attachments: [...have.attachments, stored] })),
  );
  const { limits } = tray;
  const slash = useSlash({ conversation, field, draft, change });

  // Asked for while the decision is still on its way, the focus comes as soon as it can.
  const wanted = useRef(false);
  const writing = useRef(false);
  const frame = useRef<HTMLDivElement>(null);
  /** Where nothing can be written: to what opens it again. */
  const toRemedy = useCallback(
    () => frame.current?.querySelector<HTMLElement>("a[href], button:not(:disabled)")?.focus(),
    [],
  );
  const focus = () => {
    if (!state.enabled && state.kind !== "loading") return toRemedy();
    wanted.current = true;
    field.current?.focus();
  };
  useEffect(() => {
    if (state.enabled && wanted.current) field.current?.focus();
    // A field that is closed while somebody writes in it gives the focus to what opens it again, not to nothing.
    else if (!state.enabled && state.kind !== "loading" && (wanted.current || writing.current)) {
      writing.current = false;
      toRemedy();
    }
    if (state.kind !== "loading") wanted.current = false;
  }, [state.enabled, state.kind, toRemedy]);
  const pick = () => (state.enabled ? picker.current?.click() : false);
  useShortcuts({ compose: focus, attach: pick, why: () => setWhy(!why) });

  const attach: ComposerHandle["attach"] = (files) => {
    if (!state.enabled) return;
    setProblem(null);
    tray.add(files);
    field.current?.focus();
  };
  const restore: ComposerHandle["restore"] = (text, file) => {
    change((have) => ({
      text: [text, have.text].filter(Boolean).join("\n"),
      attachments: file ? [file, ...have.attachments] : have.attachments,
    }));
  };
  useImperativeHandle(props.ref, () => ({ restore, attach, focus }));
  usePasteAnywhere(attach);

  const channel = useQuery(conversationQuery(conversation)).data?.channel_id;
  const offer = useQuery({ ...offerQuery(channel ?? ""), enabled: Boolean(channel) }).data;
  const max = offer?.kinds.find(({ kind }) => kind === "text")?.text_max ?? limits.text;
  const tooLong = max !== undefined && [...draft.text.trim()].length > max;
  // What is too long for one message can go as several.
  const pieces = tooLong ? parts(draft.text, max) : [];
  const outgoing: Outgoing[] = tooLong
    ? [...split("", draft.attachments), ...pieces.map((text) => ({ text }))]
    : split(draft.text, draft.attachments);
  const may = state.enabled && !tray.busy && !isEmptyDraft(draft);
  const ready = may && !tooLong;
  const sparing = state.enabled ? thrift(state, draft.text, outgoing.length) : null;

  const refuse = (refused: ApiProblem) => {
    const popup = popupOf(refused);
    if (popup) props.onPopup(popup);
    else if (refused.code === "thread_moved") setMoved(refused);
    else setProblem(t("composer.refused", { reason: texts.problem(refused) }));
    props.onRefused();
  };

  const submit = async (force = false, cut = false) => {
    if (!(cut ? may : ready) || outgoing.length === 0) return;
    const seen = props.seen();
    const quote = quoted && { id: quoted.id, text: quoted.text ?? t(`kinds.${quoted.kind}`) };
    setProblem(null);
    setMoved(null);
    change({ text: "", attachments: [] });
    props.onQuote(null);
    const entries = outgoing.map((part, at) => ({
      clientId: crypto.randomUUID(),
      conversationId: conversation,
      text: part.text,
      file: part.file,
      quoted: (at === 0 && quote) || undefined,
      createdAt: Date.now(),
      seen,
      force,
    }));
    for (const [at, entry] of entries.entries()) {
      const sent: Sent = await send(entry);
      if (sent.ok) continue;
      if (sent.kept) {
        // What comes after it waits with it: sent now, it would overtake.
        hold(entries.slice(at + 1), sent.problem);
        return;
      }
      // Refused: everything that did not go stands in the composer again.
      tray.learned(sent.problem, entry.file?.media_type);
      const rest = entries.slice(at);
      change((have) => ({
        text: [...rest.map((r) => r.text), have.text].filter(Boolean).join("\n"),
        attachments: [...rest.flatMap((r) => (r.file ? [r.file] : [])), ...have.attachments],
      }));
      if (rest[0]?.quoted) props.onQuote(quoted);
      refuse(sent.problem);
      return;
    }
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const press = event.nativeEvent;
    if (slash.press(press)) {
      event.preventDefault();
      return;
    }
    if (isPressed("leave", press)) {
      setMoved(null);
      field.current?.blur();
    }
    if (!isPressed("send", press)) return;
    event.preventDefault();
    void submit();
  };
  const onPaste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    attach(files);
  };
  const writeOn = () => {
    change((have) => ({ ...have, text: `${have.text.trimEnd()}\n` }));
    focus();
  };

  return (
    <div ref={frame} className={classes.composer}>
      <SlashPopover slash={slash} left={state.class === "reply" ? (state.reply?.remain ?? null) : null} />
      <Notice
        state={state}
        conversation={conversation}
        recheck={props.recheck}
        report={props.report}
        onTake={props.onTake}
      />
      {problem && (
        <div role="alert" className={classes.problem}>
          <span>{problem}</span>
          <CloseButton size="xs" aria-label={t("common.close")} onClick={() => setProblem(null)} />
        </div>
      )}
      {moved && props.moved(moved, { send: () => void submit(true), read: () => setMoved(null) })}
      {other && (
        <section className={classes.other} aria-label={t("composer.other.label")}>
          <p className={classes.otherText}>
            {other.text
              ? t("composer.other.text", { text: other.text })
              : t("composer.other.files", { count: other.attachments.length })}
          </p>
          <Button size="compact-xs" variant="default" onClick={() => settle("mine")}>
            {t("composer.other.mine")}
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => settle("theirs")}>
            {t("composer.other.theirs")}
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => settle("both")}>
            {t("composer.other.both")}
          </Button>
        </section>
      )}
      {quoted && (
        <div className={classes.quoting}>
          <span>{t("composer.quoting", { text: quoted.text ?? t(`kinds.${quoted.kind}`) })}</span>
          <CloseButton
            size="xs"
            aria-label={t("composer.remove_quote")}
            onClick={() => props.onQuote(null)}
          />
        </div>
      )}
      <TrayView
        files={draft.attachments}
        tray={tray}
        onRemove={(file) =>
          change((have) => ({ ...have, attachments: have.attachments.filter((f) => f.id !== file.id) }))
        }
      />
      <div className={classes.row}>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            attach([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = "";
          }}
        />
        <Extras
          conversation={conversation}
          enabled={state.enabled}
          quoted={quoted}
          onSent={() => props.onQuote(null)}
          onRefused={refuse}
        />
        <ActionIcon
          data-hint={t("composer.attach")}
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={t("composer.attach")}
          disabled={!state.enabled}
          onClick={pick}
        >
          <IconPaperclip size={20} aria-hidden="true" />
        </ActionIcon>
        <Growing
          ref={field}
          className={classes.field}
          aria-label={t("composer.label")}
          placeholder={
            state.kind === "loading"
              ? undefined
              : !state.enabled
                ? t("composer.placeholder_disabled")
                : props.narrow
                  ? t("composer.placeholder_short")
                  : t("composer.placeholder")
          }
          disabled={!state.enabled}
          error={tooLong}
          value={draft.text}
          aria-controls={slash.open ? LIST : undefined}
          aria-activedescendant={slash.open && slash.chosen ? optionId(slash.chosen) : undefined}
          onChange={(event) => {
            const { value, selectionStart } = event.currentTarget;
            change({ ...draft, text: slash.typed(value, selectionStart) });
          }}
          onSelect={(event) => slash.look(event.currentTarget.value, event.currentTarget.selectionStart)}
          onFocus={() => {
            writing.current = true;
          }}
          onBlur={() => {
            writing.current = false;
            slash.leave();
          }}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        <LaterButton
          conversation={conversation}
          ready={ready}
          outgoing={outgoing}
          quoted={quoted?.id}
          onKept={() => {
            change({ text: "", attachments: [] });
            props.onQuote(null);
          }}
          onClosed={focus}
        />
        <Button
          onClick={() => void submit()}
          disabled={!ready}
          leftSection={<IconSend2 size={16} aria-hidden="true" />}
        >
          {t("composer.send")}
        </Button>
      </div>
      {/* There before its words are, so that they are read out when they come. */}
      <div aria-live="polite">
        {tooLong && state.enabled && (
          <p className={classes.hint} data-testid="too-long">
            <span>{t("composer.too_long", { max: format.number(max ?? 0) })}</span>
            <Button
              size="compact-xs"
              variant="subtle"
              disabled={!may}
              onClick={() => void submit(false, true)}
            >
              {t("composer.send_parts", { count: pieces.length })}
            </Button>
          </p>
        )}
        {sparing && (
          <p className={classes.hint} data-testid="thrift">
            <span>
              {t(`composer.thrift.${sparing.kind}`, { count: sparing.remain, messages: sparing.messages })}
            </span>
            {sparing.kind === "short_on_last" && (
              <Button size="compact-xs" variant="subtle" onClick={writeOn}>
                {t("composer.thrift.write_on")}
              </Button>
            )}
          </p>
        )}
      </div>
      <Meta
        state={state}
        status={status}
        length={[...draft.text].length}
        max={max}
        why={why}
        onWhy={setWhy}
      />
    </div>
  );
}

/** Files pasted while no field has the focus are meant for the open conversation. */
function usePasteAnywhere(attach: (files: File[]) => void): void {
  const latest = useRef(attach);
  latest.current = attach;
  useEffect(() => {
    const paste = (event: globalThis.ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length === 0 || event.defaultPrevented || isTyping(event.target)) return;
      if (document.querySelector("[role=dialog][aria-modal=true]")) return;
      event.preventDefault();
      latest.current(files);
    };
    document.addEventListener("paste", paste);
    return () => document.removeEventListener("paste", paste);
  }, []);
}
