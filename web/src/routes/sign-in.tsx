import { SignInPage } from "~/features/auth/sign-in-page";
import { useEnter } from "./enter";
import { signInRoute } from "./tree";

export function SignIn() {
  const { to, expired } = signInRoute.useSearch();
  return (
    <SignInPage setup={signInRoute.useLoaderData()} expired={expired ?? false} onSignedIn={useEnter(to)} />
  );
}
