import { SetupPage } from "~/features/auth/setup-page";
import { useEnter } from "./enter";

export function SetUp() {
  return <SetupPage onSignedIn={useEnter("/settings/channels")} />;
}
