import { ActionIcon, Button, CloseButton, Loader, Textarea, Tooltip } from "@mantine/core";
import { IconFile, IconPaperclip, IconSend2 } from "@tabler/icons-react";
import {
  type ClipboardEvent,
  type DragEvent,
  type KeyboardEvent,
  type Ref,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
} from "react";
import { useTranslation } from "react-i18next";
import { uploadFile } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { Message, StoredFile } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { isComposing, useShortcuts } from "~/ui/keys";
import { type Sent, send } from "../outbox";
import { isPictureFile } from "../thread/pictures";
import classes from "./composer.module.css";
import { learn, precheck, recallLimits, rememberLimits } from "./limits";
import { Notice } from "./notice";
import { split } from "./split";
import { type ComposerState, type Popup, popupOfProblem } from "./state";
import { type DraftStatus, isEmptyDraft, useDraft } from "./use-draft";

export interface ComposerHandle {
  /** Put a text back in front of what is written. */
  restore(text: string | undefined, file: StoredFile | undefined): void;
  focus(): void;
}

export function Composer(props: {
  ref?: Ref<ComposerHandle>;
  conversation: string;
  state: ComposerState;
  quoted: Message | null;
  narrow: boolean;
  canConfigure: boolean;
  onQuote(message: Message | null): void;
  onPopup(popup: Popup): void;
  /** A send was refused: the decision is not what was shown. */
  onRefused(): void;
  onRecheck(): void;
}) {
  const { t } = useTranslation();
  const texts = useTexts();
  const { conversation, state, quoted } = props;
  const { draft, change, status } = useDraft(conversation);
  const [limits, setLimits] = useState(recallLimits);
  const [uploading, setUploading] = useState<string[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const [dragging, setDragging] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);

  // Asked for while the decision is still on its way, the focus comes as soon as it can.
  const wanted = useRef(false);
  const focus = () => {
    wanted.current = true;
    field.current?.focus();
  };
  useEffect(() => {
    if (state.enabled && wanted.current) field.current?.focus();
    if (state.kind !== "loading") wanted.current = false;
  }, [state.enabled, state.kind]);
  useShortcuts({ compose: focus });
  const restore: ComposerHandle["restore"] = (text, file) => {
    change((have) => ({
      text: [text, have.text].filter(Boolean).join("\n"),
      attachments: file ? [file, ...have.attachments] : have.attachments,
    }));
  };
  useImperativeHandle(props.ref, () => ({ restore, focus }));

  const learned = (error: ApiProblem, type?: string) => {
    const next = learn(limits, error, type);
    setLimits(next);
    rememberLimits(next);
  };

  const attach = async (files: Iterable<File>) => {
    setProblem(null);
    for (const file of files) {
      const refused = precheck(limits, file);
      if (refused) {
        setProblem(texts.problem(refused));
        continue;
      }
      setUploading((names) => [...names, file.name]);
      try {
        const stored = await uploadFile(file);
        change((have) => ({ ...have, attachments: [...have.attachments, stored] }));
      } catch (error) {
        learned(ApiProblem.of(error), file.type);
        setProblem(texts.problem(ApiProblem.of(error)));
      } finally {
        setUploading((names) => names.toSpliced(names.indexOf(file.name), 1));
      }
    }
    field.current?.focus();
  };

  const tooLong = limits.text !== undefined && [...draft.text].length > limits.text;
  const ready = state.enabled && uploading.length === 0 && !isEmptyDraft(draft) && !tooLong;

  const submit = async () => {
    const outgoing = split(draft.text, draft.attachments);
    if (!ready || outgoing.length === 0) return;
    const quote = quoted && { id: quoted.id, text: quoted.text ?? t(`kinds.${quoted.kind}`) };
    setProblem(null);
    change({ text: "", attachments: [] });
    props.onQuote(null);
    for (const [at, part] of outgoing.entries()) {
      const sent: Sent = await send({
        clientId: crypto.randomUUID(),
        conversationId: conversation,
        text: part.text,
        file: part.file,
        quoted: (at === 0 && quote) || undefined,
        createdAt: Date.now(),
      });
      if (sent.ok || sent.kept) continue;
      // Refused: everything that did not go stands in the composer again.
      learned(sent.problem, part.file?.media_type);
      const rest = outgoing.slice(at);
      change((have) => ({
        text: [...rest.map((r) => r.text), have.text].filter(Boolean).join("\n"),
        attachments: [...rest.flatMap((r) => (r.file ? [r.file] : [])), ...have.attachments],
      }));
      const popup = popupOfProblem(sent.problem);
      if (popup) props.onPopup(popup);
      else setProblem(t("composer.refused", { reason: texts.problem(sent.problem) }));
      props.onRefused();
      return;
    }
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (isComposing(event.nativeEvent)) return;
    if (event.key === "Escape") field.current?.blur();
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    void submit();
  };
  const onPaste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    void attach(files);
  };
  const onDrop = (event: DragEvent) => {
    setDragging(false);
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    void attach([...event.dataTransfer.files]);
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a place to drop files; the button does the same.
    <div
      className={classes.composer}
      data-dragging={dragging || undefined}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setDragging(true);
      }}
      onDragLeave={() => setDragging(false)}
      onDrop={onDrop}
    >
      <Notice state={state} canConfigure={props.canConfigure} onRecheck={props.onRecheck} />
      {problem && (
        <div role="alert" className={classes.problem}>
          <span>{problem}</span>
          <CloseButton size="xs" aria-label={t("common.close")} onClick={() => setProblem(null)} />
        </div>
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
      {(draft.attachments.length > 0 || uploading.length > 0) && (
        <ul className={classes.files}>
          {draft.attachments.map((file) => (
            <li key={file.id} className={classes.file}>
              {isPictureFile(file) ? (
                <img src={file.url} alt="" className={classes.preview} />
              ) : (
                <IconFile size={18} aria-hidden="true" />
              )}
              <span className={classes.fileName}>{file.name}</span>
              <CloseButton
                size="xs"
                aria-label={t("composer.remove_attachment", { name: file.name })}
                onClick={() =>
                  change((have) => ({
                    ...have,
                    attachments: have.attachments.filter((f) => f.id !== file.id),
                  }))
                }
              />
            </li>
          ))}
          {uploading.map((name) => (
            <li key={`up-${name}`} className={classes.file}>
              <Loader size="xs" aria-label={t("composer.uploading", { name })} />
              <span className={classes.fileName}>{name}</span>
            </li>
          ))}
        </ul>
      )}
      <div className={classes.row}>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            void attach([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = "";
          }}
        />
        <Tooltip label={t("composer.attach")}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t("composer.attach")}
            disabled={!state.enabled}
            onClick={() => picker.current?.click()}
          >
            <IconPaperclip size={20} aria-hidden="true" />
          </ActionIcon>
        </Tooltip>
        <Textarea
          ref={field}
          className={classes.field}
          aria-label={t("composer.label")}
          placeholder={
            !state.enabled
              ? t("composer.placeholder_disabled")
              : props.narrow
                ? t("composer.placeholder_short")
                : t("composer.placeholder")
          }
          autosize
          minRows={1}
          maxRows={8}
          disabled={!state.enabled}
          error={tooLong}
          value={draft.text}
          onChange={(event) => change({ ...draft, text: event.currentTarget.value })}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        <Button
          onClick={() => void submit()}
          disabled={!ready}
          leftSection={<IconSend2 size={16} aria-hidden="true" />}
        >
          {t("composer.send")}
        </Button>
      </div>
      <Meta state={state} status={status} length={[...draft.text].length} max={limits.text} />
      {dragging && <div className={classes.drop}>{t("composer.drop")}</div>}
    </div>
  );
}

/** The quiet line: what the message counts as, what is left, until when; and the draft. */
function Meta(props: { state: ComposerState; status: DraftStatus; length: number; max?: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { state, status, length, max } = props;
  const { reply } = state;
  const words: string[] = [];
  if (state.class) words.push(t(`composer.class.${state.class}`, { price: format.money(state.costVnd) }));
  if (state.class === "reply" && reply) {
    const until = format.timeAndDate(reply.until);
    words.push(
      reply.remain != null && reply.total != null
        ? t("composer.reply_left", { remain: reply.remain, total: reply.total, until })
        : t("composer.reply_until", { until }),
    );
  }
  const saved =
    status === "saving" || status === "waiting"
      ? t("composer.draft_saving")
      : status === "saved"
        ? t("composer.draft_saved")
        : status === "failed"
          ? t("composer.draft_failed")
          : "";
  return (
    <div className={classes.meta}>
      <span data-testid="message-class">{words.join(" · ")}</span>
      <span className={classes.metaEnd} data-tone={status === "failed" ? "danger" : undefined}>
        {saved}
      </span>
      {max !== undefined && length > max * 0.9 && (
        <span data-tone={length > max ? "danger" : undefined}>{t("composer.length", { length, max })}</span>
      )}
    </div>
  );
}
