import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { setUp } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { Session } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import classes from "./auth.module.css";
import { Frame } from "./frame";

export function SetupPage({ onSignedIn }: { onSignedIn(session: Session): void }) {
  const { t, i18n } = useTranslation();
  const texts = useTexts();
  const [form, setForm] = useState({ workspace_name: "", display_name: "", email: "", password: "" });
  const create = useMutation({ mutationFn: setUp, onSuccess: onSignedIn });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ ...form, locale: i18n.language === "en" ? "en" : "vi" });
  };
  const field = (name: keyof typeof form) => ({
    name,
    required: true,
    withAsterisk: false,
    value: form[name],
    onChange: (event: FormEvent<HTMLInputElement>) => setForm({ ...form, [name]: event.currentTarget.value }),
  });
  return (
    <Frame title={t("setup.title")}>
      <form className={classes.form} onSubmit={submit}>
        <p className={classes.intro}>{t("setup.intro")}</p>
        {create.isError && (
          <p className={classes.error} role="alert">
            {texts.problem(ApiProblem.of(create.error))}
          </p>
        )}
        <TextInput
          label={t("setup.workspace_name")}
          description={t("setup.workspace_hint")}
          {...field("workspace_name")}
        />
        <TextInput label={t("setup.display_name")} autoComplete="name" {...field("display_name")} />
        <TextInput label={t("auth.email")} type="email" autoComplete="username" {...field("email")} />
        <PasswordInput
          label={t("auth.password")}
          description={t("setup.password_hint")}
          autoComplete="new-password"
          {...field("password")}
        />
        <Button type="submit" loading={create.isPending} mt={4}>
          {t("setup.submit")}
        </Button>
      </form>
    </Frame>
  );
}
