import { Button, CopyButton, Group, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { saveZaloApp } from "~/api/calls";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type { ZaloApp } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { notifyDone } from "~/ui/notify";
import { Card } from "~/ui/page";

/** Id and keys of the Zalo application. A stored key never comes back to the browser. */
export function ZaloAppForm({ app }: { app: ZaloApp | null }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const client = useQueryClient();
  const [form, setForm] = useState({ app_id: app?.app_id ?? "", app_secret: "", oa_secret_key: "" });
  const save = useMutation({
    mutationFn: () =>
      saveZaloApp({
        app_id: form.app_id,
        app_secret: form.app_secret || undefined,
        oa_secret_key: form.oa_secret_key || undefined,
      }),
    onSuccess: (answer) => {
      client.setQueryData(keys.zaloApp(), answer);
      setForm({ app_id: answer.app_id, app_secret: "", oa_secret_key: "" });
      notifyDone(t("common.saved"));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const field = (name: keyof typeof form) => ({
    value: form[name],
    autoComplete: "off",
    onChange: (event: FormEvent<HTMLInputElement>) => setForm({ ...form, [name]: event.currentTarget.value }),
  });
  const hint = (has: boolean | undefined) => (has ? t("channels.secret_kept") : t("channels.secret_missing"));
  return (
    <Card title={t("channels.app_title")} text={t("channels.app_text")}>
      <form onSubmit={submit} style={{ display: "grid", gap: "var(--loa-gap)", maxWidth: "34rem" }}>
        <TextInput
          label={t("channels.app_id")}
          required
          withAsterisk={false}
          inputMode="numeric"
          error={save.isError ? texts.problem(ApiProblem.of(save.error)) : undefined}
          {...field("app_id")}
        />
        <PasswordInput
          label={t("channels.app_secret")}
          description={hint(app?.has_app_secret)}
          required={!app?.has_app_secret}
          withAsterisk={false}
          {...field("app_secret")}
        />
        <PasswordInput
          label={t("channels.oa_secret_key")}
          description={hint(app?.has_oa_secret_key)}
          required={!app?.has_oa_secret_key}
          withAsterisk={false}
          {...field("oa_secret_key")}
        />
        {app && <Address label={t("channels.webhook_url")} value={app.webhook_url} />}
        {app && <Address label={t("channels.callback_url")} value={app.callback_url} />}
        <Group>
          <Button type="submit" variant={app ? "default" : "filled"} loading={save.isPending}>
            {t("channels.app_save")}
          </Button>
        </Group>
      </form>
    </Card>
  );
}

function Address({ label, value }: { label: string; value: string }) {
  const { t } = useTranslation();
  return (
    <TextInput
      label={label}
      value={value}
      readOnly
      rightSectionWidth={84}
      rightSection={
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="subtle" onClick={copy}>
              {copied ? t("common.copied") : t("common.copy")}
            </Button>
          )}
        </CopyButton>
      }
    />
  );
}
