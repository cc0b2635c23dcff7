import { Alert, Button, Group, Select, Skeleton, Switch, Text, Textarea } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { saveAutoReply } from "~/api/calls";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type { AutoReply, Channel } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { autoReplyPreviewQuery, autoReplyQuery } from "~/realtime/queries";
import { notifyDone } from "~/ui/notify";
import { Card } from "~/ui/page";
import { ErrorState } from "~/ui/states";
import classes from "./hours.module.css";

/** Where the next opening stands in the text; the server puts it there. */
const OPEN = "{open}";

/** What a channel answers by itself outside its hours. */
export function AutoReplyCard({ channel, disabled }: { channel: Channel; disabled: boolean }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const query = useQuery(autoReplyQuery(channel.id));
  const title = t("hours.reply.title", { name: channel.name });
  return (
    <Card title={title} text={t("hours.reply.text")}>
      {query.isPending && <Skeleton height={80} radius="md" />}
      {query.isError && (
        <ErrorState text={texts.problem(ApiProblem.of(query.error))} onRetry={() => void query.refetch()} />
      )}
      {query.data && <Form channel={channel} kept={query.data} disabled={disabled} />}
    </Card>
  );
}

function Form({ channel, kept, disabled }: { channel: Channel; kept: AutoReply; disabled: boolean }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const client = useQueryClient();
  const field = useRef<HTMLTextAreaElement>(null);
  const [enabled, setEnabled] = useState(kept.enabled);
  const begun = kept.text || t("hours.reply.default");
  const [text, setText] = useState(begun);
  const [language, setLanguage] = useState(kept.language);
  const input = { enabled, text, language };
  const save = useMutation({
    mutationFn: (wanted: typeof input) => saveAutoReply(channel.id, wanted),
    onSuccess: (answer) => {
      client.setQueryData(keys.autoReply(channel.id), answer);
      notifyDone(t("common.saved"));
    },
  });
  const problem = save.error ? ApiProblem.of(save.error) : null;
  const empty = problem?.code === "invalid_field";
  const dirty = enabled !== kept.enabled || text !== begun || language !== kept.language;
  const insert = () => {
    const node = field.current;
    const [from, to] = node ? [node.selectionStart, node.selectionEnd] : [text.length, text.length];
    save.reset();
    setText(text.slice(0, from) + OPEN + text.slice(to));
    node?.focus();
  };
  const tally = Object.entries(kept.last_30_days);
  return (
    <>
      <Switch
        label={t("hours.reply.enabled")}
        checked={enabled}
        disabled={disabled}
        onChange={(event) => setEnabled(event.currentTarget.checked)}
      />
      <Textarea
        ref={field}
        label={t("hours.reply.label")}
        description={t("hours.reply.help", { open: OPEN })}
        autosize
        minRows={2}
        maxRows={8}
        value={text}
        disabled={disabled}
        error={problem && (empty ? t("hours.reply.empty") : texts.problem(problem))}
        onChange={(event) => {
          save.reset();
          setText(event.currentTarget.value);
        }}
      />
      <Group gap="sm" align="flex-end">
        {!disabled && (
          <Button variant="default" size="xs" onClick={insert}>
            {t("hours.reply.insert")}
          </Button>
        )}
        <Select
          size="xs"
          label={t("hours.reply.language")}
          value={language}
          disabled={disabled}
          allowDeselect={false}
          data={[
            { value: "vi", label: t("language.vi") },
            { value: "en", label: t("language.en") },
          ]}
          onChange={(to) => to && setLanguage(to as AutoReply["language"])}
        />
      </Group>
      <Preview channel={channel.id} text={text} language={language} />
      {tally.length > 0 && (
        <Text size="sm" c="dimmed">
          {t("hours.reply.tally")}{" "}
          {tally
            .map(([word, count]) =>
              t(`hours.reply.outcome.${word}` as "hours.reply.outcome.sent", {
                count,
                defaultValue: t("hours.reply.outcome.other", { count }),
              }),
            )
            .join(" · ")}
        </Text>
      )}
      {!disabled && (
        <Group>
          <Button loading={save.isPending} disabled={!dirty} onClick={() => save.mutate(input)}>
            {t("common.save")}
          </Button>
        </Group>
      )}
    </>
  );
}

/** What a customer would get, with the opening that the server computes. */
function Preview(props: { channel: string; text: string; language: AutoReply["language"] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const texts = useTexts();
  const [asked] = useDebouncedValue(props.text, 400);
  const query = useQuery(autoReplyPreviewQuery(props.channel, asked, props.language));
  if (query.isError) {
    const problem = ApiProblem.of(query.error);
    const reason = (problem.params as { reason?: string }).reason;
    const never = problem.code === "conflict" && reason === "no_hours";
    return (
      <Alert color={never ? "gray" : "red"} role="status">
        {never ? t("hours.reply.no_hours") : texts.problem(problem)}
      </Alert>
    );
  }
  if (!query.data) return null;
  return (
    <figure className={classes.preview}>
      <figcaption>{t("hours.reply.preview", { time: format.timeAndDate(query.data.written_at) })}</figcaption>
      <p data-testid="auto-reply-preview">{query.data.text}</p>
    </figure>
  );
}
