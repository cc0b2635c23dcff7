import { QuotaHistoryPage } from "~/features/channels/quota-history-page";
import { quotaHistoryRoute } from "./tree";

export function QuotaHistory() {
  const { channelId } = quotaHistoryRoute.useParams();
  return <QuotaHistoryPage channel={channelId} />;
}
