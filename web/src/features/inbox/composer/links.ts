/** The platform's page of prices; where "Nạp tiền" and "Tìm hiểu thêm" lead. */
export const PRICING = "https://zalo.cloud/oa/pricing";
