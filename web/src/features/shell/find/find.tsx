import { Button, TextInput } from "@mantine/core";
import { useDebouncedValue, useMediaQuery } from "@mantine/hooks";
import { IconMessageSearch, IconSearch } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from "react";
import { ApiProblem } from "~/api/problem";
import type { Conversation, SearchHit } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { foundMessagesQuery, searchQuery } from "~/realtime/queries";
import { useFocusAtOnce } from "~/ui/focus";
import { isComposing } from "~/ui/keys";
import { LazyModal } from "~/ui/lazy";
import { Person } from "~/ui/person";
import { EmptyState, ErrorState } from "~/ui/states";
import classes from "./find.module.css";
import { HitRow } from "./hit";
import { hasOperators, wrongKey } from "./words";

/** Messages and customers by what was said, from anywhere; Enter opens the place in its conversation. */
export function Find({ opened, onClose }: { opened: boolean; onClose(): void }) {
  const { t } = useTranslation();
  const narrow = useMediaQuery("(max-width: 40em)") ?? false;
  // Kept while the window is closed: looking at a result must not cost the search.
  const [typed, setTyped] = useState("");
  return (
    <LazyModal
      opened={opened}
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size="xl"
      fullScreen={narrow}
      yOffset="8vh"
      centered={false}
      attributes={{ content: { "aria-label": t("find.label") } }}
    >
      {opened && <Finder typed={typed} onType={setTyped} narrow={narrow} onClose={onClose} />}
    </LazyModal>
  );
}

type Choice =
  | { key: string; type: "conversation"; conversation: Conversation }
  | { key: string; type: "hit"; hit: SearchHit };

function Finder(props: { typed: string; onType(text: string): void; narrow: boolean; onClose(): void }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const navigate = useNavigate();
  const { typed, onType, onClose } = props;
  const [at, setAt] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  useFocusAtOnce(field);
  const [asked] = useDebouncedValue(typed.trim(), 200);
  const people = useQuery({
    ...searchQuery(hasOperators(asked) ? "" : asked),
    placeholderData: keepPreviousData,
  });
  const messages = useInfiniteQuery({ ...foundMessagesQuery(asked), placeholderData: keepPreviousData });
  const problem = messages.error ? ApiProblem.of(messages.error) : null;
  const wrong = problem && wrongKey(problem);

  const choices = useMemo<Choice[]>(() => {
    if (!asked) return [];
    const found = hasOperators(asked) ? [] : (people.data?.items ?? []).slice(0, 5);
    const hits = problem ? [] : (messages.data?.pages.flatMap((page) => page.items) ?? []);
    return [
      ...found.map((conversation) => ({ key: conversation.id, type: "conversation" as const, conversation })),
      ...hits.map((hit) => ({ key: hit.id, type: "hit" as const, hit })),
    ];
  }, [asked, people.data, messages.data, problem]);
  const firstHit = choices.findIndex((choice) => choice.type === "hit");
  const chosen = Math.min(at, choices.length - 1);
  const indexing = messages.data?.pages.at(-1)?.indexing ?? false;

  const move = (to: number) => {
    const index = Math.max(0, Math.min(to, choices.length - 1));
    setAt(index);
    // Whoever walks to the end goes on.
    if (index >= choices.length - 3 && messages.hasNextPage && !messages.isFetching) {
      void messages.fetchNextPage();
    }
  };
  const open = (choice: Choice | undefined) => {
    if (!choice) return;
    onClose();
    const [conversationId, message] =
      choice.type === "hit"
        ? [choice.hit.conversation_id, choice.hit.id]
        : [choice.conversation.id, undefined];
    void navigate({
      to: "/inbox/$conversationId",
      params: { conversationId },
      search: { filter: "all", at: message },
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event.nativeEvent)) return;
    if (event.key === "Enter") open(choices[chosen]);
    else if (event.key === "ArrowDown") move(chosen + 1);
    else if (event.key === "ArrowUp") move(chosen - 1);
    else return;
    event.preventDefault();
  };
  const option = (choice: Choice, index: number, content: ReactNode) => (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys, as in every combobox.
    <div
      key={choice.key}
      id={`find-${index}`}
      role="option"
      tabIndex={-1}
      aria-selected={index === chosen}
      className={classes.option}
      onMouseMove={() => setAt(index)}
      onClick={() => open(choice)}
      ref={index === chosen ? (node) => node?.scrollIntoView({ block: "nearest" }) : undefined}
    >
      {content}
    </div>
  );
  const group = (label: string, list: ReactNode) => (
    // biome-ignore lint/a11y/useSemanticElements: a group of options, not of fields.
    <div role="group" aria-label={label}>
      <div className={classes.group} aria-hidden="true">
        {label}
      </div>
      {list}
    </div>
  );
  const rows = choices.map((choice, index) =>
    option(
      choice,
      index,
      choice.type === "hit" ? (
        <HitRow hit={choice.hit} />
      ) : (
        <>
          <Person
            name={choice.conversation.customer.display_name}
            src={choice.conversation.customer.avatar_url}
            size={30}
          />
          <span className={classes.name}>{choice.conversation.customer.display_name}</span>
        </>
      ),
    ),
  );
  const peopleRows = firstHit < 0 ? rows : rows.slice(0, firstHit);
  const hitRows = firstHit < 0 ? [] : rows.slice(firstHit);
  const busy = typed.trim() !== asked || messages.isFetching || people.isFetching;

  return (
    <div className={classes.frame} data-narrow={props.narrow || undefined}>
      <div className={classes.bar}>
        <TextInput
          ref={field}
          className={classes.field}
          variant="unstyled"
          size="md"
          role="combobox"
          aria-expanded="true"
          aria-controls="find-list"
          aria-activedescendant={chosen >= 0 ? `find-${chosen}` : undefined}
          aria-label={t("find.label")}
          aria-invalid={wrong ? true : undefined}
          aria-describedby="find-said"
          placeholder={t("find.placeholder")}
          leftSection={<IconSearch size={18} aria-hidden="true" />}
          leftSectionPointerEvents="none"
          data-autofocus
          maxLength={500}
          spellCheck={false}
          autoComplete="off"
          value={typed}
          onFocus={(event) => event.currentTarget.select()}
          onChange={(event) => {
            onType(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
        {props.narrow && (
          <Button variant="subtle" onClick={onClose}>
            {t("common.close")}
          </Button>
        )}
      </div>
      <div id="find-said" className={classes.said} role="status">
        {wrong ? (
          <span className={classes.wrong}>{t(wrong, problem?.params)}</span>
        ) : asked && busy ? (
          t("find.loading")
        ) : indexing ? (
          t("find.indexing")
        ) : (
          ""
        )}
      </div>
      <div id="find-list" role="listbox" aria-label={t("find.label")} className={classes.list}>
        {peopleRows.length > 0 && group(t("find.customers"), peopleRows)}
        {hitRows.length > 0 && group(t("find.messages"), hitRows)}
      </div>
      {!asked && <Hints onPick={(text) => add(field.current, typed, text, onType)} />}
      {problem && !wrong && asked && (
        <ErrorState text={texts.problem(problem)} onRetry={() => void messages.refetch()} />
      )}
      {asked && !busy && !problem && hitRows.length === 0 && (
        <EmptyState
          icon={<IconMessageSearch size={30} stroke={1.25} aria-hidden="true" />}
          title={t("find.nothing_title")}
          text={t("find.nothing_text")}
        />
      )}
      {messages.hasNextPage && hitRows.length > 0 && (
        <div className={classes.more}>
          <Button
            variant="subtle"
            size="compact-sm"
            loading={messages.isFetchingNextPage}
            onClick={() => void messages.fetchNextPage()}
          >
            {t("find.more")}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Put a condition behind what is typed and go on typing there. */
function add(
  field: HTMLInputElement | null,
  typed: string,
  text: string,
  onType: (text: string) => void,
): void {
  onType(typed.trim() ? `${typed.trimEnd()} ${text}` : text);
  field?.focus();
}

const OPERATORS = ["phrase", "from", "has", "before", "in", "label"] as const;
const BEGINNINGS: Record<(typeof OPERATORS)[number], string> = {
  phrase: '"',
  from: "from:",
  has: "has:",
  before: "before:",
  in: "in:",
  label: "label:",
};

/** What can be typed, before anything is. */
function Hints({ onPick }: { onPick(text: string): void }) {
  const { t } = useTranslation();
  return (
    <div className={classes.hints}>
      <p className={classes.hintTitle}>{t("find.hint_title")}</p>
      <ul className={classes.operators}>
        {OPERATORS.map((name) => (
          <li key={name}>
            <Button
              variant="default"
              size="compact-sm"
              className={classes.example}
              onClick={() => onPick(BEGINNINGS[name])}
            >
              {t(`find.examples.${name}`)}
            </Button>
            <span>{t(`find.operators.${name}`)}</span>
          </li>
        ))}
      </ul>
      <p className={classes.hintKeys}>{t("find.hint_keys")}</p>
    </div>
  );
}
