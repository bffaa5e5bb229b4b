using System.Globalization;
using CsCheck;

namespace OsmExt.Xds.Tests;

/// <summary>
/// How much a test of random cases does: a number of cases, or as many as there is time for where <c>OSM_FUZZ_SECONDS</c> says so.
/// What fails is made small, and printed with the seed, which <c>CsCheck_Seed</c> takes to draw the same again.
/// </summary>
internal static class Amount
{
    private static readonly int? Seconds = int.TryParse(Environment.GetEnvironmentVariable("OSM_FUZZ_SECONDS"), CultureInfo.InvariantCulture, out var seconds) ? seconds : null;

    public static (long Cases, int Seconds) Of(long cases) => Seconds is { } time ? (-1, time) : (cases, -1);

    /// <summary>CsCheck's own, with either bound.</summary>
    public static void Sample<T>(this Gen<T> cases, Action<T> judge, (long Cases, int Seconds) amount, Func<T, string> print)
        => cases.Sample(judge, iter: amount.Cases, time: amount.Seconds, print: print);
}
