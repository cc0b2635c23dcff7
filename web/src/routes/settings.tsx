import { Outlet } from "@tanstack/react-router";
import { ChannelsPage } from "~/features/channels/channels-page";
import { CustomerSettingsPage } from "~/features/customers/customer-settings-page";
import { FieldsPage } from "~/features/fields/fields-page";
import { HoursPage } from "~/features/hours/hours-page";
import { InboxSettingsPage } from "~/features/inbox-settings/inbox-settings-page";
import { LabelsPage } from "~/features/labels/labels-page";
import { MacrosPage } from "~/features/macros/macros-page";
import { MembersPage } from "~/features/members/members-page";
import { OperatorPage } from "~/features/operator/operator-page";
import { ProfilePage } from "~/features/profile/profile-page";
import { RepliesPage } from "~/features/replies/replies-page";
import { SettingsFrame } from "~/features/shell/settings-frame";
import { useLeave } from "./enter";
import { channelsRoute, deskRoute } from "./tree";

export function Settings() {
  const { session } = deskRoute.useRouteContext();
  return (
    <SettingsFrame session={session}>
      <Outlet />
    </SettingsFrame>
  );
}

export function Channels() {
  return <ChannelsPage {...channelsRoute.useSearch()} />;
}

export const InboxSettings = InboxSettingsPage;

export const CustomerSettings = CustomerSettingsPage;

export const Members = MembersPage;

export const Labels = LabelsPage;

export const Fields = FieldsPage;

export const Replies = RepliesPage;

export const Macros = MacrosPage;

export const Hours = HoursPage;

export const Operator = OperatorPage;

export function Profile() {
  return <ProfilePage onSignedOut={useLeave()} />;
}
