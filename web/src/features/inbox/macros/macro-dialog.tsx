import { Skeleton } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useRef } from "react";
import { runMacro } from "~/api/calls";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type { Conversation, Macro, MacroEffect, MacroPreview } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { live } from "~/realtime/instance";
import { labelsQuery, macroPreviewQuery, macrosQuery, membersQuery } from "~/realtime/queries";
import { LabelChip } from "~/ui/label-chip";
import { notifyDone, notifyProblem } from "~/ui/notify";
import { Picker } from "~/ui/picker";
import { labelsOf } from "../customer/labels";
import classes from "./macros.module.css";

/** All macros; beside the list stands what the one under the cursor would do, and Enter does it. */
export function MacroDialog(props: { conversation: Conversation; opened: boolean; onClose(): void }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const client = useQueryClient();
  const { conversation } = props;
  const macros = useQuery({ ...macrosQuery(), enabled: props.opened });
  /** The run of each macro that was asked for and not answered: asked for again, it is the same run. */
  const runs = useRef(new Map<string, string>());

  const run = async (macro: Macro) => {
    // Nothing runs that was not shown; what costs money is not run by an Enter that came before its price.
    const shown = client.getQueryData<MacroPreview>(keys.macroPreview(macro.id, conversation.id));
    const preview =
      shown ?? (await client.fetchQuery(macroPreviewQuery(macro.id, conversation.id)).catch(() => null));
    if (!preview?.allowed || (!shown && preview.cost_vnd > 0)) return;
    props.onClose();
    const clientId = runs.current.get(macro.id) ?? crypto.randomUUID();
    runs.current.set(macro.id, clientId);
    try {
      const done = await runMacro(macro.id, { client_id: clientId, conversation_id: conversation.id });
      runs.current.delete(macro.id);
      for (const message of done.messages) live.upsert("message.upserted", message);
      live.upsert("conversation.upserted", done.conversation);
      notifyDone(t("macros.ran", { name: macro.name }));
    } catch (error) {
      const problem = ApiProblem.of(error);
      // An answer that is a refusal ends the run; no answer leaves it open.
      if (problem.status > 0 && problem.status < 500) runs.current.delete(macro.id);
      notifyProblem(t("macros.refused", { name: macro.name, reason: texts.problem(problem) }));
    }
    void client.invalidateQueries({ queryKey: keys.decision(conversation.id) });
    void client.invalidateQueries({ queryKey: ["macro-preview"] });
  };

  return (
    <Picker
      opened={props.opened}
      onClose={props.onClose}
      label={t("macros.dialog", { name: conversation.customer.display_name })}
      placeholder={t("macros.find")}
      nothing={macros.isPending ? t("common.loading") : t("macros.nothing")}
      items={macros.data ?? []}
      keyOf={(macro) => macro.id}
      texts={(macro) => [macro.name]}
      render={(macro) => (
        <>
          <span className={classes.name}>{macro.name}</span>
          {macro.personal && <span className={classes.note}>{t("replies.personal")}</span>}
        </>
      )}
      onPick={(macro) => void run(macro)}
      aside={(macro) => <Preview macro={macro} conversation={conversation} />}
    />
  );
}

function Preview({ macro, conversation }: { macro: Macro; conversation: Conversation }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const format = useFormat();
  const query = useQuery(macroPreviewQuery(macro.id, conversation.id));
  if (query.isError) return <p className={classes.refused}>{texts.problem(ApiProblem.of(query.error))}</p>;
  if (!query.data) {
    return (
      <div role="status" aria-label={t("common.loading")}>
        <Skeleton height={12} width="70%" />
        <Skeleton height={48} mt="sm" />
      </div>
    );
  }
  const { allowed, problem, effects, cost_vnd: cost } = query.data;
  const sends = effects.filter((effect) => effect.kind === "send").length;
  return (
    <div data-testid="macro-preview">
      {!allowed && (
        <p className={classes.refused} role="alert">
          {problem ? t("macros.cannot", { reason: why(problem, texts, t) }) : t("macros.cannot_send")}
        </p>
      )}
      {effects.length === 0 && allowed && <p className={classes.note}>{t("macros.no_effect")}</p>}
      <ol className={classes.effects}>
        {effects.map((effect, nth) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the order is what they are.
          <li key={nth}>
            <Effect effect={effect} />
          </li>
        ))}
      </ol>
      {sends > 0 && allowed && (
        <p className={classes.total}>
          {cost > 0
            ? t("macros.total_paid", { count: sends, cost: format.money(cost) })
            : t("macros.total", { count: sends })}
        </p>
      )}
      {allowed && <p className={classes.total}>{t("macros.enter")}</p>}
    </div>
  );
}

function why(
  problem: NonNullable<MacroPreview["problem"]>,
  texts: ReturnType<typeof useTexts>,
  t: TFunction,
): string {
  const params = (problem.params ?? {}) as { reason?: string; variable?: string; name?: string };
  if (params.reason === "missing_value") return t("macros.missing_value", { variable: params.variable });
  if (params.reason === "archived") return t("macros.archived", { name: params.name });
  return texts.problem(problem);
}

function Effect({ effect }: { effect: MacroEffect }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const format = useFormat();
  const labels = useQuery(labelsQuery()).data;
  const members = useQuery(membersQuery()).data;
  switch (effect.kind) {
    case "send": {
      const { decision, text, file } = effect;
      const reason = decision.reasons.at(-1);
      return (
        <>
          {t("macros.effects.send")}{" "}
          {decision.class ? (
            <span className={classes.class}>
              {t(`composer.class.${decision.class}`, { price: format.money(decision.cost_vnd) })}
            </span>
          ) : (
            <span className={classes.class} data-denied>
              {reason ? texts.reason(reason) : t("macros.cannot_send")}
            </span>
          )}
          <p className={classes.text}>{[text, file].filter(Boolean).join("\n")}</p>
        </>
      );
    }
    case "put_labels":
    case "remove_labels":
      return (
        <span className={classes.chips}>
          {t(`macros.effects.${effect.kind}`)}
          {labelsOf(labels, effect.label_ids).map((label) => (
            <LabelChip key={label.id} label={label} />
          ))}
        </span>
      );
    case "assign": {
      const name = members?.find((m) => m.id === effect.member_id)?.display_name;
      return effect.member_id
        ? t("macros.effects.assign", { name: name ?? "…" })
        : t("macros.effects.unassign");
    }
    case "set_status":
      return t("macros.effects.set_status", { status: t(`macros.status.${effect.status}`) });
  }
}
