using System.Globalization;
using System.Security.Cryptography;

namespace OsmExt.Demo;

/// <summary>The store's counter, and how long a sale takes.</summary>
internal sealed class Bookstore
{
    private readonly (int From, int To) _sleep = Range(Settings.Variable("BOOKSTORE_SLEEP_MILLISECONDS", "150-750"));
    private long _sold;

    public long Sold => Interlocked.Read(ref _sold);

    public void Sell() => Interlocked.Increment(ref _sold);

    public IResult Set(long count)
    {
        Interlocked.Exchange(ref _sold, count);
        return Results.Ok();
    }

    /// <summary>Takes as long as a real purchase would: a random time between the two bounds.</summary>
    public Task SleepAsync(CancellationToken cancellation)
        => Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(_sleep.From, _sleep.To + 1)), TimeProvider.System, cancellation);

    // FROM-TO, or one number for both.
    private static (int From, int To) Range(string text)
    {
        var bounds = text.Split('-').Select(bound => int.Parse(bound, CultureInfo.InvariantCulture)).ToArray();
        return (bounds[0], bounds[^1]);
    }
}
