import { Button, FileButton, Group, Radio, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { IconFileSpreadsheet } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type DragEvent, type FormEvent, useState } from "react";
import { uploadGroupNumbers } from "~/api/calls";
import { newId } from "~/api/ids";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type { PhoneGroup } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { useSheetProblem } from "~/ui/sheet-problem";
import shared from "~/ui/table.module.css";
import { endOfDay, today } from "./days";
import classes from "./groups.module.css";
import { Report } from "./report";

/** What the server takes at once; it has the last word. */
const MAX_ROWS = 100_000;

const TYPES = ".csv,.txt,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/**
 * Numbers into a group: where they come from and how long they count, then what would happen, then what happened. The
 * id stays while nothing is changed, so that pressing again after a lost answer does nothing twice.
 */
export function UploadForm({ group, onDone }: { group: PhoneGroup; onDone(): void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const say = useUploadProblem();
  const client = useQueryClient();
  const [id, setId] = useState(() => newId("gup"));
  const [from, setFrom] = useState<"file" | "text">("file");
  const [file, setFile] = useState<File | null>(null);
  const [text, setText] = useState("");
  const [mode, setMode] = useState<"add" | "replace">("add");
  const [day, setDay] = useState<string | null>(null);
  const upload = (id?: string) => {
    if (from === "file" && !file) throw new ApiProblem("invalid_field", { field: "file", reason: "missing" });
    return uploadGroupNumbers(group, {
      id,
      mode,
      expiresAt: day === null ? undefined : endOfDay(day),
      source: from === "file" && file ? file : text,
    });
  };
  const check = useMutation({ mutationFn: async () => upload() });
  const go = useMutation({
    mutationFn: async () => upload(id),
    onSuccess: () => void client.invalidateQueries({ queryKey: keys.phoneGroups() }),
  });

  if (go.data) {
    return (
      <div className={classes.form}>
        <p role="status" className={classes.done}>
          {t("groups.done", { group: t(`groups.name.${group}`) })}
        </p>
        <Report report={go.data} />
        <Group justify="flex-end">
          <Button data-autofocus onClick={onDone}>
            {t("groups.finish")}
          </Button>
        </Group>
      </div>
    );
  }
  if (check.data) {
    const { accepted } = check.data.counts;
    return (
      <div className={classes.form}>
        {go.isError && <Wrong text={say(go.error)} />}
        <p className={classes.intro}>{t("groups.preview")}</p>
        <Report report={check.data} />
        <p role="status" className={classes.small}>
          {go.isPending && t("groups.going")}
        </p>
        <Group justify="flex-end">
          <Button
            variant="default"
            disabled={go.isPending}
            onClick={() => {
              // What is changed is another upload, whatever became of this one.
              setId(newId("gup"));
              check.reset();
              go.reset();
            }}
          >
            {t("groups.change")}
          </Button>
          <Button
            data-autofocus
            loading={go.isPending}
            // Of a list without a number replacing would empty the group; that has a button of its own.
            disabled={accepted === 0}
            onClick={() => go.mutate()}
          >
            {t("groups.go", { count: accepted, n: format.number(accepted) })}
          </Button>
        </Group>
      </div>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    check.mutate();
  };
  return (
    <form onSubmit={submit} className={classes.form} noValidate>
      {check.isError && <Wrong text={say(check.error)} />}
      <SegmentedControl
        aria-label={t("groups.source")}
        value={from}
        onChange={(value) => setFrom(value as "file" | "text")}
        data={[
          { value: "file", label: t("groups.from_file") },
          { value: "text", label: t("groups.from_text") },
        ]}
      />
      {from === "file" ? (
        <Drop file={file} onFile={setFile} />
      ) : (
        <Textarea
          label={t("groups.paste")}
          description={t("groups.paste_hint")}
          data-autofocus
          rows={7}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
      <Radio.Group
        label={t("groups.mode")}
        value={mode}
        onChange={(value) => setMode(value as "add" | "replace")}
      >
        <div className={classes.choices}>
          <Radio value="add" label={t("groups.add")} />
          <Radio value="replace" label={t("groups.replace")} />
        </div>
      </Radio.Group>
      <Radio.Group
        label={t("groups.expiry")}
        value={day === null ? "never" : "until"}
        onChange={(value) => setDay(value === "never" ? null : today(Date.now(), 30))}
      >
        <div className={classes.choices}>
          <Radio value="never" label={t("groups.never")} />
          <Radio value="until" label={t("groups.until")} />
          {day !== null && (
            <TextInput
              type="date"
              size="xs"
              aria-label={t("groups.date")}
              min={today(Date.now(), 0)}
              value={day}
              onChange={(event) => setDay(event.currentTarget.value)}
            />
          )}
        </div>
      </Radio.Group>
      <Group justify="flex-end">
        <Button variant="default" onClick={onDone}>
          {t("common.cancel")}
        </Button>
        <Button type="submit" loading={check.isPending}>
          {t("groups.check")}
        </Button>
      </Group>
    </form>
  );
}

function Wrong({ text }: { text: string }) {
  return (
    <p className={shared.error} role="alert">
      {text}
    </p>
  );
}

/** A file by pointer or by keys: dropped here, or picked with the button. */
function Drop(props: { file: File | null; onFile(file: File): void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [over, setOver] = useState(false);
  const { file, onFile } = props;
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files[0];
    if (dropped) onFile(dropped);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one way; the button in it is the other.
    <div
      className={classes.drop}
      data-over={over || undefined}
      data-testid="drop"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <IconFileSpreadsheet size={28} stroke={1.25} aria-hidden="true" />
      <p className={classes.dropText} role="status">
        {file ? t("groups.file", { name: file.name, size: format.bytes(file.size) }) : t("groups.drop")}
      </p>
      <p className={classes.small}>{t("groups.drop_hint", { max: format.number(MAX_ROWS) })}</p>
      <FileButton accept={TYPES} onChange={(picked) => picked && onFile(picked)}>
        {(button) => (
          <Button {...button} size="xs" variant="default">
            {t("groups.pick")}
          </Button>
        )}
      </FileButton>
    </div>
  );
}

const OWN = ["past", "no_numbers", "missing"] as const;

/** What was wrong with an upload: the file with its place, the numbers, the day, or whatever else. */
function useUploadProblem() {
  const { t } = useTranslation();
  const texts = useTexts();
  const sheet = useSheetProblem();
  return (error: unknown): string => {
    const problem = ApiProblem.of(error);
    const own = OWN.find((reason) => reason === problem.params.reason);
    if (own) return t(`groups.wrong.${own}`);
    return sheet(problem.params) ?? texts.problem(problem);
  };
}
