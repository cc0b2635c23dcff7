import {
  Button,
  Group,
  PasswordInput,
  SegmentedControl,
  Text,
  TextInput,
  useMantineColorScheme,
} from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { changeMe, changePassword, signOutEverywhere } from "~/api/calls";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type { Session } from "~/api/types";
import { changeLanguage } from "~/i18n";
import type { Language } from "~/i18n/format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { live } from "~/realtime/instance";
import { sessionQuery } from "~/realtime/queries";
import { notifyDone, notifyProblem } from "~/ui/notify";
import { Card, SettingsPage } from "~/ui/page";
import { type Density, setPreference, usePreferences } from "~/ui/preferences";

export function ProfilePage({ onSignedOut }: { onSignedOut(): void }) {
  const { t } = useTranslation();
  const session = useQuery(sessionQuery).data;
  if (!session) return null;
  return (
    <SettingsPage title={t("profile.title")}>
      <Person session={session} />
      <Appearance />
      <Password />
      <Sessions onSignedOut={onSignedOut} />
    </SettingsPage>
  );
}

/** Change what is mine: name or language. */
function useChangeMe() {
  const { t } = useTranslation();
  const texts = useTexts();
  const client = useQueryClient();
  return useMutation({
    mutationFn: changeMe,
    onSuccess: (member) => {
      client.setQueryData(keys.session(), (have: Session | null | undefined) => have && { ...have, member });
      live.upsert("member.upserted", member);
      notifyDone(t("common.saved"));
    },
    onError: (error) => notifyProblem(texts.problem(ApiProblem.of(error))),
  });
}

function Person({ session }: { session: Session }) {
  const { t } = useTranslation();
  const [name, setName] = useState(session.member.display_name);
  const change = useChangeMe();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ display_name: name.trim() });
  };
  return (
    <Card label={t("profile.name")}>
      <form onSubmit={submit}>
        <Group align="flex-end" gap="sm">
          <TextInput
            label={t("profile.name")}
            required
            withAsterisk={false}
            w={280}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button
            type="submit"
            variant="default"
            loading={change.isPending}
            disabled={!name.trim() || name.trim() === session.member.display_name}
          >
            {t("common.save")}
          </Button>
        </Group>
      </form>
      <Text size="sm" c="dimmed">
        {session.member.email} · {t(`roles.${session.member.role}`)}
      </Text>
    </Card>
  );
}

function Appearance() {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { density } = usePreferences();
  const change = useChangeMe();
  const speak = (language: string) => {
    void changeLanguage(language as Language);
    change.mutate({ locale: language as Language });
  };
  return (
    <Card label={t("theme.label")}>
      <Group gap="xl">
        <div>
          <Text size="sm" fw={500} mb={4} id="language-label">
            {t("language.label")}
          </Text>
          <SegmentedControl
            aria-labelledby="language-label"
            value={i18n.language}
            onChange={speak}
            data={[
              { value: "vi", label: t("language.vi") },
              { value: "en", label: t("language.en") },
            ]}
          />
        </div>
        <div>
          <Text size="sm" fw={500} mb={4} id="theme-label">
            {t("theme.label")}
          </Text>
          <SegmentedControl
            aria-labelledby="theme-label"
            value={colorScheme}
            onChange={(value) => setColorScheme(value as "light" | "dark" | "auto")}
            data={(["light", "dark", "auto"] as const).map((value) => ({
              value,
              label: t(`theme.${value}`),
            }))}
          />
        </div>
        <div>
          <Text size="sm" fw={500} mb={4} id="density-label">
            {t("density.label")}
          </Text>
          <SegmentedControl
            aria-labelledby="density-label"
            value={density}
            onChange={(value) => setPreference("density", value as Density)}
            data={(["roomy", "compact"] as const).map((value) => ({
              value,
              label: t(`density.${value}`),
            }))}
          />
        </div>
      </Group>
    </Card>
  );
}

function Password() {
  const { t } = useTranslation();
  const texts = useTexts();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const change = useMutation({
    mutationFn: () => changePassword({ current, new: next }),
    onSuccess: () => {
      setCurrent("");
      setNext("");
      notifyDone(t("profile.password_changed"));
    },
  });
  const problem = change.isError ? ApiProblem.of(change.error) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Card title={t("profile.password_title")}>
      <form onSubmit={submit} style={{ display: "grid", gap: "var(--loa-gap)", maxWidth: "20rem" }}>
        <PasswordInput
          label={t("profile.current")}
          required
          withAsterisk={false}
          autoComplete="current-password"
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
          error={problem?.code === "wrong_credentials" ? texts.problem(problem) : undefined}
        />
        <PasswordInput
          label={t("profile.new")}
          required
          withAsterisk={false}
          autoComplete="new-password"
          value={next}
          onChange={(event) => setNext(event.currentTarget.value)}
          error={problem && problem.code !== "wrong_credentials" ? texts.problem(problem) : undefined}
        />
        <Group>
          <Button type="submit" variant="default" loading={change.isPending}>
            {t("profile.change_password")}
          </Button>
        </Group>
      </form>
    </Card>
  );
}

function Sessions({ onSignedOut }: { onSignedOut(): void }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const leave = useMutation({
    mutationFn: signOutEverywhere,
    onSuccess: onSignedOut,
    onError: (error) => notifyProblem(texts.problem(ApiProblem.of(error))),
  });
  return (
    <Card title={t("profile.sessions_title")} text={t("profile.sessions_text")}>
      <Group>
        <Button variant="default" color="red" loading={leave.isPending} onClick={() => leave.mutate()}>
          {t("profile.sign_out_everywhere")}
        </Button>
      </Group>
    </Card>
  );
}
