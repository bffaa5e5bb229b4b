using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using OsmExt.Identity;
using OsmExt.Sdk.Identity;

namespace OsmExt.Benchmarks;

/// <summary>What issuing one workload certificate costs whoever waits for it, with each kind of key.</summary>
internal static class CertificateBenchmark
{
    private const int PoolSize = 8;

    public static int Run()
    {
        using var root = RootCertificate.Create(TimeProvider.System.GetUtcNow());
        var authority = new CertificateAuthority(root, "cluster.local", TimeProvider.System);
        var workload = new WorkloadIdentity("cluster.local", "shop", "till");
        var epoch = RotationSchedule.For(workload.SpiffeId, TimeSpan.FromHours(24)).At(TimeProvider.System.GetUtcNow());

        Console.WriteLine($"{"key",-12} {"made when needed",22} {"from a filled pool",22}");
        Console.WriteLine($"{KeyType.EcdsaP256,-12} {Measure.Of(() => Issue(KeyType.EcdsaP256.NewKey()))}");
        foreach (var type in (KeyType[])[new(2048), new(3072), new(4096)])
        {
            using var pool = new RsaKeyPool(PoolSize, KeyType.NewRsa, TimeProvider.System, NullLogger<RsaKeyPool>.Instance);

            // How long it takes to find two primes is a matter of luck, hence many runs.
            var without = Measure.Of(() => 0, _ => Issue(type.NewKey()), warmUps: 5, runs: 51);
            Issue(pool.Take(type.RsaBits, PoolSize));
            var with = Measure.Of(() => Wait(pool), keys => Issue(keys.Take(type.RsaBits, PoolSize)), warmUps: 20);
            Console.WriteLine($"{type,-12} {without} {with}");
        }

        return 0;

        void Issue(AsymmetricAlgorithm key)
        {
            using (key)
            {
                authority.Issue(workload, epoch, key);
            }
        }
    }

    private static RsaKeyPool Wait(RsaKeyPool pool)
    {
        SpinWait.SpinUntil(() => pool.Count > 0);
        return pool;
    }
}
