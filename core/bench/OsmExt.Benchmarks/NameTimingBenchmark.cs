using OsmExt.Envoy;
using OsmExt.Xds.Protocol;
using OsmExt.Xds.Server;
using OsmExt.Xds.Snapshots;

namespace OsmExt.Benchmarks;

/// <summary>
/// How long the server takes to answer a client that asks for a name which another tenant has, compared with one that nobody has. The
/// network, which adds noise, is left out: whoever measures over it sees less than this.
/// </summary>
internal static class NameTimingBenchmark
{
    private const int Tenants = 200;
    private const int Names = 500;
    private const int Rounds = 15;

    public static int Run()
    {
        var cache = new SnapshotCache(TimeProvider.System);
        for (var tenant = 0; tenant < Tenants; tenant++)
        {
            cache.Publish(tenant, XdsSnapshot.Create(1, Enumerable.Range(0, Names).Select(number => Secret(Name(tenant, number)))));
        }

        Console.WriteLine($"{Tenants} tenants with {Names} secrets each; one asks for the others', name by name, and for as many that nobody has\n");
        Console.WriteLine($"{"variant",-18} {"another's",12} {"nobody's",12} {"ratio",8}   of {Rounds} rounds in turn: the least and the most");
        foreach (var variant in (XdsVariant[])[XdsVariant.Delta, XdsVariant.StateOfTheWorld])
        {
            var rounds = new (double Others, double Nobodys)[Rounds];
            for (var round = 0; round < Rounds; round++)
            {
                // In turn, so that a processor that becomes faster or slower meanwhile does so for both.
                rounds[round] = round % 2 == 0 ? (Ask(cache, variant, first: 1), Ask(cache, variant, first: Tenants)) : Reverse((Ask(cache, variant, first: Tenants), Ask(cache, variant, first: 1)));
            }

            var ratios = rounds.Select(round => round.Others / round.Nobodys).Order().ToArray();
            Console.WriteLine($"{variant,-18} {Median(rounds.Select(round => round.Others)),9:f0} ns {Median(rounds.Select(round => round.Nobodys)),9:f0} ns {ratios[Rounds / 2],8:f3}   {ratios[0]:f3} to {ratios[^1]:f3}");
        }

        return 0;

        static (double, double) Reverse((double One, double Other) pair) => (pair.Other, pair.One);
    }

    // Nanoseconds of processor time for one name.
    private static double Ask(SnapshotCache cache, XdsVariant variant, int first)
    {
        const int OfTenants = 20;
        var names = Enumerable.Range(0, OfTenants).SelectMany(tenant => Enumerable.Range(0, Names).Select(number => Name(first + (tenant * 9 % Tenants), number))).ToArray();
        var measured = Measure.Of(() => 0, none =>
        {
            foreach (var name in names)
            {
                var stream = new XdsStream(new("client", 0), new(variant, new NonceSequence(1), new ProxyRejections("client"), TimeProvider.System), "", static () => { });
                stream.Attach(cache);
                stream.Handle(new(TypeUrls.Secret) { Subscribe = [name] });
                _ = stream.Next(out TimeSpan? _);
                stream.Close();
            }
        }, warmUps: 5, runs: 5);
        return measured.Milliseconds * 1e6 / names.Length;
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);

    private static string Name(int tenant, int number) => $"service-cert:tenant-{tenant:000}/workload-{number:000}";

    private static XdsResource Secret(string name) => XdsResource.Create(new global::Envoy.Extensions.TransportSockets.Tls.V3.Secret { Name = name }, name);
}
