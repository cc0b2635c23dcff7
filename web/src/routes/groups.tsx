import { GroupsPage } from "~/features/customers/groups/groups-page";

export function Groups() {
  return <GroupsPage />;
}
