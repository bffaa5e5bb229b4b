using OsmExt.Demo.Traffic;

namespace OsmExt.Demo.Script;

/// <summary>The script: a bookstore with two versions, a buyer who may, and a thief who may not.</summary>
internal static class BookstoreScript
{
    private const string Buyer = "bookbuyer";
    private const string Thief = "bookthief";
    private const string Store = "bookstore";
    private const string V1 = "bookstore-v1";
    private const string V2 = "bookstore-v2";
    private const string Look = "GET /books-bought";
    private const string Buy = "GET /buy-a-book/new";
    private const string Restock = "POST /restock-books";

    // Enough for seconds of traffic; a split needs more, and this many keep chance within four standard deviations.
    private const int Some = 140;
    private const int Many = 500;
    private const double Chance = 9;

    public static Step Start { get; } = new("The mesh as it starts", "", null, exchange => exchange.Status == 200 ? true : null, Some,
    [
        Expect.Status(Buyer, Look, 200),
        Expect.Status(Buyer, Buy, 200),
        Expect.Refused(Thief),
        Expect.Share(Store, V1, 100, 0),
        Expect.Status(V1, Restock, 200),
        Expect.Status("bookwarehouse", "TCP", 200),
        Expect.Identities(Buyer, V1, Id(Buyer, Buyer), Id(V1, Store)),
        Expect.Identities(V1, "bookwarehouse", Id(V1, Store), Id("bookwarehouse", "bookwarehouse")),
    ]);

    public static IReadOnlyList<Step> Steps { get; } =
    [
        new("Allow the bookthief to look, not to buy", DemoOptions.Thief, "thief-may-look.yaml", Of(Thief, Look), Some,
        [
            Expect.Status(Thief, Look, 200),
            Expect.Status(Thief, Buy, 403),
            Expect.NothingLost(Buyer),
            Expect.Identities(Thief, V1, Id(Thief, Thief), Id(V1, Store)),
        ]),
        new("Allow the bookthief to buy as well", DemoOptions.Thief, "thief-may-buy.yaml", Of(Thief, Buy), Some,
        [
            Expect.Status(Thief, Look, 200),
            Expect.Status(Thief, Buy, 200),
            Expect.NothingLost(Buyer),
        ]),
        new("Split the bookstore: 100/0 becomes 50/50", DemoOptions.Split, "split-50-50.yaml", exchange => exchange.Answered == V2 ? true : null, Many,
        [
            Expect.Share(Store, V2, 50, Chance),
            Expect.NothingLost(Buyer),
            Expect.Identities(Buyer, V2, Id(Buyer, Buyer), Id(V2, Store)),
        ]),
        new("Move the split on: 50/50 becomes 0/100", DemoOptions.Split, "split-0-100.yaml", AnsweredBy(V2, V1), Some,
        [
            Expect.Share(Store, V2, 100, 0),
            Expect.NothingLost(Buyer),
        ]),
        new("Remove the bookthief's TrafficTargets", DemoOptions.Thief, null, exchange => exchange.From == Thief ? exchange.Status != 200 : null, Some,
        [
            Expect.Refused(Thief),
            Expect.Status(Buyer, Look, 200),
            Expect.Status(Buyer, Buy, 200),
            Expect.NothingLost(Buyer),
        ]),
    ];

    private static string Id(string account, string ns) => $"spiffe://cluster.local/{account}/{ns}";

    private static Func<Exchange, bool?> Of(string from, string what)
        => exchange => exchange.From == from && exchange.What == what ? exchange.Status == 200 : null;

    private static Func<Exchange, bool?> AnsweredBy(string now, string before)
        => exchange => exchange.Answered == now ? true : exchange.Answered == before ? false : null;
}
