import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useCallback } from "react";
import { keys } from "~/api/keys";
import type { Session } from "~/api/types";
import { changeLanguage, isLanguage } from "~/i18n";

/** After signing in: keep the session, speak the member's language, go where they wanted to. */
export function useEnter(to: string | undefined): (session: Session) => void {
  const client = useQueryClient();
  const router = useRouter();
  return useCallback(
    (session) => {
      client.clear();
      client.setQueryData(keys.session(), session);
      if (isLanguage(session.member.locale)) void changeLanguage(session.member.locale);
      router.history.push(to ?? "/inbox");
    },
    [client, router, to],
  );
}

/** After signing out: nothing of the former member stays. */
export function useLeave(): () => void {
  const client = useQueryClient();
  const router = useRouter();
  return useCallback(() => {
    client.clear();
    client.setQueryData(keys.session(), null);
    void router.navigate({ to: "/sign-in" });
  }, [client, router]);
}
