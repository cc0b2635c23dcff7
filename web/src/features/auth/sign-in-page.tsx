import { Anchor, Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { signIn } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { Session, Setup } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { Person } from "~/ui/person";
import classes from "./auth.module.css";
import { Frame } from "./frame";

export function SignInPage(props: { setup: Setup; expired: boolean; onSignedIn(session: Session): void }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const enter = useMutation({ mutationFn: signIn, onSuccess: props.onSignedIn });
  const { demo } = props.setup;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate({ email, password });
  };
  return (
    <Frame title={t("auth.title")}>
      <form className={classes.form} onSubmit={submit}>
        {props.expired && !enter.isError && <p className={classes.intro}>{t("auth.expired")}</p>}
        {enter.isError && (
          <p className={classes.error} role="alert">
            {texts.problem(ApiProblem.of(enter.error))}
          </p>
        )}
        <TextInput
          label={t("auth.email")}
          type="email"
          name="email"
          autoComplete="username"
          required
          withAsterisk={false}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label={t("auth.password")}
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" loading={enter.isPending} mt={4}>
          {t("auth.submit")}
        </Button>
      </form>
      {demo && (
        <div className={classes.demo} style={{ marginTop: "1.25rem" }}>
          <p className={classes.demoTitle}>{t("auth.demo_title")}</p>
          <ul className={classes.accounts}>
            {demo.accounts.map((account) => {
              const role = t(`roles.${account.role}`);
              return (
                <li key={account.email}>
                  <button
                    type="button"
                    className={classes.account}
                    disabled={enter.isPending}
                    aria-label={t("auth.demo_as", { name: account.display_name, role })}
                    onClick={() => enter.mutate({ email: account.email, password: account.password })}
                  >
                    <Person name={account.display_name} size={28} />
                    <span className={classes.accountName}>{account.display_name}</span>
                    <span className={classes.role}>{role}</span>
                  </button>
                </li>
              );
            })}
          </ul>
          <Anchor
            className={classes.sandbox}
            size="sm"
            href={demo.sandbox_url}
            target="_blank"
            rel="noreferrer"
          >
            {t("auth.demo_sandbox")}
          </Anchor>
        </div>
      )}
    </Frame>
  );
}
