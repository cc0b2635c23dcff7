import { Button, CloseButton, FileButton, Group, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPaperclip } from "@tabler/icons-react";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { changeReply, createReply, previewReply, uploadFile } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { CannedReply, StoredFile } from "~/api/types";
import { fieldVariable, VARIABLES, variableKey, written } from "~/api/variables";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { customerFieldsQuery } from "~/realtime/queries";
import { FitMarks } from "~/ui/fit-marks";
import classes from "~/ui/table.module.css";

export function ReplyEditor(props: {
  reply: CannedReply | null;
  mayShare: boolean;
  onSaved(): void;
  onCancel(): void;
}) {
  const { t } = useTranslation();
  const say = useReplyProblem();
  const { reply } = props;
  const [shortcut, setShortcut] = useState(reply?.shortcut ?? "");
  const [title, setTitle] = useState(reply?.title ?? "");
  const [text, setText] = useState(reply?.text ?? "");
  const [files, setFiles] = useState<readonly StoredFile[]>(reply?.files ?? []);
  const [personal, setPersonal] = useState(reply?.personal ?? !props.mayShare);
  const field = useRef<HTMLTextAreaElement>(null);
  const fields = useQuery(customerFieldsQuery()).data ?? [];

  const save = useMutation({
    mutationFn: () => {
      const body = { shortcut, title, text, file_ids: files.map((file) => file.id), personal };
      return reply ? changeReply(reply.id, body) : createReply(body);
    },
    onSuccess: props.onSaved,
  });
  const upload = useMutation({
    mutationFn: (file: File) => uploadFile(file),
    onSuccess: (stored) => setFiles((have) => [...have, stored]),
  });
  const put = (variable: string) => {
    const at = field.current?.selectionStart ?? text.length;
    const end = field.current?.selectionEnd ?? at;
    const word = written(variable);
    setText(text.slice(0, at) + word + text.slice(end));
    field.current?.focus();
    requestAnimationFrame(() => field.current?.setSelectionRange(at + word.length, at + word.length));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const problem = save.error ?? upload.error;
  return (
    <form onSubmit={submit} className={classes.form}>
      {problem && (
        <p className={classes.error} role="alert">
          {say(ApiProblem.of(problem))}
        </p>
      )}
      <TextInput
        label={t("replies.shortcut")}
        description={t("replies.shortcut_hint")}
        leftSection="/"
        data-autofocus
        autoComplete="off"
        required
        withAsterisk={false}
        maxLength={40}
        value={shortcut}
        onChange={(event) => setShortcut(event.currentTarget.value)}
      />
      <TextInput
        label={t("replies.name")}
        autoComplete="off"
        maxLength={120}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <Textarea
        ref={field}
        label={t("replies.text")}
        description={t("replies.text_hint", { example: "{{customer.name|anh/chị}}" })}
        autosize
        minRows={3}
        maxRows={10}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <section className={classes.chips} aria-label={t("replies.variables_label")}>
        {VARIABLES.map((variable) => (
          <Button
            key={variable}
            size="compact-xs"
            variant="default"
            title={written(variable)}
            onClick={() => put(variable)}
          >
            {t(`replies.variables.${variableKey(variable)}`)}
          </Button>
        ))}
        {fields.map((made) => (
          <Button
            key={made.id}
            size="compact-xs"
            variant="default"
            title={written(fieldVariable(made.key))}
            onClick={() => put(fieldVariable(made.key))}
          >
            {made.label}
          </Button>
        ))}
      </section>
      <div className={classes.chips}>
        {files.map((file) => (
          <span key={file.id} className={classes.chips}>
            <IconPaperclip size={14} aria-hidden="true" />
            {file.name}
            <CloseButton
              size="xs"
              aria-label={t("composer.remove_attachment", { name: file.name })}
              onClick={() => setFiles(files.filter((f) => f.id !== file.id))}
            />
          </span>
        ))}
        <FileButton onChange={(file) => file && upload.mutate(file)}>
          {(button) => (
            <Button
              {...button}
              size="compact-sm"
              variant="subtle"
              loading={upload.isPending}
              leftSection={<IconPaperclip size={14} aria-hidden="true" />}
            >
              {t("composer.attach")}
            </Button>
          )}
        </FileButton>
      </div>
      {props.mayShare && (
        <SegmentedControl
          aria-label={t("replies.whose")}
          value={personal ? "personal" : "shared"}
          onChange={(whose) => setPersonal(whose === "personal")}
          data={[
            { value: "shared", label: t("replies.shared") },
            { value: "personal", label: t("replies.personal") },
          ]}
        />
      )}
      <Preview text={text} files={files} />
      <Group justify="flex-end">
        <Button variant="default" onClick={props.onCancel}>
          {t("common.cancel")}
        </Button>
        <Button type="submit" loading={save.isPending} disabled={upload.isPending}>
          {t("common.save")}
        </Button>
      </Group>
    </form>
  );
}

/** As a customer would get it, filled with an example by the server. */
function Preview({ text, files }: { text: string; files: readonly StoredFile[] }) {
  const { t } = useTranslation();
  const say = useReplyProblem();
  const [asked] = useDebouncedValue(text, 250);
  const ids = files.map((file) => file.id);
  const query = useQuery({
    queryKey: ["reply-preview", asked, ids],
    queryFn: () => previewReply({ text: asked, file_ids: ids }),
    enabled: asked.trim() !== "" || ids.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    gcTime: 10_000,
  });
  if (asked.trim() === "" && ids.length === 0) return null;
  return (
    <section className={classes.preview} aria-label={t("replies.preview")}>
      <p className={classes.previewTitle}>
        {t("replies.preview")}
        {query.data && !query.isError && <FitMarks fit={query.data.fit} />}
      </p>
      {query.isError ? (
        <p className={classes.error}>{say(ApiProblem.of(query.error))}</p>
      ) : (
        query.data?.text && <p className={classes.bubble}>{query.data.text}</p>
      )}
    </section>
  );
}

/** Texts for what a reply is refused for. */
function useReplyProblem(): (problem: ApiProblem) => string {
  const { t } = useTranslation();
  const texts = useTexts();
  return (problem) => {
    const { reason, variable, max } = problem.params as { reason?: string; variable?: string; max?: number };
    switch (reason) {
      case "unknown_variable":
        return t("replies.problems.unknown_variable", { variable });
      case "unclosed_variable":
        return t("replies.problems.unclosed_variable");
      case "shortcut":
        return t("replies.problems.shortcut");
      case "blank_or_slash":
        return t("replies.problems.blank_or_slash");
      case "too_long":
        return t("replies.problems.too_long", { max });
      default:
        return problem.code === "empty_message" ? t("replies.problems.empty") : texts.problem(problem);
    }
  };
}
