import { Badge, Button, Group, PasswordInput, Select, Skeleton, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { can } from "~/api/access";
import { addMember, changeMember } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { Member, Role } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { live } from "~/realtime/instance";
import { membersQuery, sessionQuery } from "~/realtime/queries";
import { LazyModal } from "~/ui/lazy";
import { notifyDone, notifyProblem } from "~/ui/notify";
import { SettingsPage } from "~/ui/page";
import { Person } from "~/ui/person";
import { ErrorState } from "~/ui/states";
import classes from "./members.module.css";

const ROLES: readonly Role[] = ["admin", "manager", "agent"];

export function MembersPage() {
  const { t } = useTranslation();
  const texts = useTexts();
  const session = useQuery(sessionQuery).data ?? undefined;
  const members = useQuery(membersQuery());
  const [adding, setAdding] = useState(false);
  return (
    <SettingsPage
      title={t("members.title")}
      action={
        can(session, "member", "create") && (
          <Button onClick={() => setAdding(true)}>{t("members.add")}</Button>
        )
      }
    >
      {members.isPending && <Skeleton height={240} radius="lg" />}
      {members.isError && (
        <ErrorState
          text={texts.problem(ApiProblem.of(members.error))}
          onRetry={() => void members.refetch()}
        />
      )}
      {members.data && (
        <ul className={classes.list}>
          {members.data.map((member) => (
            <MemberRow
              key={member.id}
              member={member}
              me={member.id === session?.member.id}
              mayEdit={can(session, "member", "configure")}
            />
          ))}
        </ul>
      )}
      <LazyModal opened={adding} onClose={() => setAdding(false)} title={t("members.add_title")}>
        {adding && <AddForm onDone={() => setAdding(false)} />}
      </LazyModal>
    </SettingsPage>
  );
}

function MemberRow({ member, me, mayEdit }: { member: Member; me: boolean; mayEdit: boolean }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const change = useMutation({
    mutationFn: (body: Parameters<typeof changeMember>[1]) => changeMember(member.id, body),
    onSuccess: (answer) => live.upsert("member.upserted", answer),
    onError: (error) => notifyProblem(texts.problem(ApiProblem.of(error))),
  });
  const active = member.status === "active";
  const name = member.display_name;
  return (
    <li className={classes.row} data-disabled={!active || undefined}>
      <Person name={name} size={36} />
      <div className={classes.names}>
        <span className={classes.name}>
          {name}
          {me && (
            <Badge size="xs" variant="light" tt="none">
              {t("members.you")}
            </Badge>
          )}
          {!active && (
            <Badge size="xs" variant="light" color="gray" tt="none">
              {t("members.status.disabled")}
            </Badge>
          )}
        </span>
        <span className={classes.email}>{member.email}</span>
      </div>
      <Select
        aria-label={t("members.role_label", { name })}
        className={classes.role}
        value={member.role}
        disabled={!mayEdit || change.isPending}
        onChange={(role) => role && change.mutate({ role: role as Role })}
        data={ROLES.map((role) => ({ value: role, label: t(`roles.${role}`) }))}
      />
      {mayEdit && (
        <Button
          variant="subtle"
          color={active ? "red" : "jade"}
          disabled={me}
          loading={change.isPending}
          aria-label={active ? t("members.disable_label", { name }) : t("members.enable_label", { name })}
          onClick={() => change.mutate({ status: active ? "disabled" : "active" })}
        >
          {active ? t("members.disable") : t("members.enable")}
        </Button>
      )}
    </li>
  );
}

function AddForm({ onDone }: { onDone(): void }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const [form, setForm] = useState({ display_name: "", email: "", password: "" });
  const [role, setRole] = useState<Role>("agent");
  const add = useMutation({
    mutationFn: () => addMember({ ...form, role }),
    onSuccess: (member) => {
      live.upsert("member.upserted", member);
      notifyDone(t("members.added", { name: member.display_name }));
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  const field = (name: keyof typeof form) => ({
    required: true,
    withAsterisk: false,
    value: form[name],
    onChange: (event: FormEvent<HTMLInputElement>) => setForm({ ...form, [name]: event.currentTarget.value }),
  });
  return (
    <form onSubmit={submit} className={classes.form}>
      {add.isError && (
        <p className={classes.error} role="alert">
          {texts.problem(ApiProblem.of(add.error))}
        </p>
      )}
      <TextInput label={t("members.name")} data-autofocus autoComplete="off" {...field("display_name")} />
      <TextInput label={t("members.email")} type="email" autoComplete="off" {...field("email")} />
      <Select
        label={t("members.role")}
        value={role}
        onChange={(value) => value && setRole(value as Role)}
        data={ROLES.map((r) => ({ value: r, label: t(`roles.${r}`) }))}
      />
      <PasswordInput
        label={t("members.password")}
        description={t("members.password_hint")}
        autoComplete="new-password"
        {...field("password")}
      />
      <Group justify="flex-end">
        <Button variant="default" onClick={onDone}>
          {t("common.cancel")}
        </Button>
        <Button type="submit" loading={add.isPending}>
          {t("members.add")}
        </Button>
      </Group>
    </form>
  );
}
