namespace OsmExt.Demo;

/// <summary>Tells a watching script that the warehouse was reached.</summary>
internal static class Verdict
{
    private const long Enough = 3;

    private static int _given;

    public static void On(long total)
    {
        if (total >= Enough && Interlocked.Exchange(ref _given, 1) == 0)
        {
            Console.Error.WriteLine("MAESTRO: the warehouse has enough books; the test succeeded.");
        }
    }
}
