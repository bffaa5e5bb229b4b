using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace OsmExt;

/// <summary>
/// Changes inputs at random and keeps those that make the program behave in a way not seen before, so that it gets further and further
/// into what it tests. How a program behaved is what the judge returns: words that stand for the paths taken. A judge that throws has found
/// a bug; so have inputs that take long, or much memory. What is found is made as small as it gets, and kept in the corpus for ever.
/// </summary>
/// <remarks>
/// <c>OSM_FUZZ_SECONDS</c> makes it go on for so long, <c>OSM_FUZZ_SEED</c> draws the same again, and <c>OSM_FUZZ_KEEP=1</c> writes inputs of
/// new behaviour, and bugs, into the corpus.
/// </remarks>
/// <param name="name">The corpus' directory below that of the test.</param>
/// <param name="judge">Runs an input; throws only when something is wrong.</param>
/// <param name="words">What inputs are made of, so that it need not be found letter by letter.</param>
internal sealed class Fuzzer(string name, Func<byte[], string> judge, IReadOnlyList<byte[]> words)
{
    private const int LongestInput = 16 * 1024;
    private const long MostBytes = 256L * 1024 * 1024;
    private static readonly TimeSpan LongestTime = TimeSpan.FromSeconds(2);
    private static readonly bool Keeps = Environment.GetEnvironmentVariable("OSM_FUZZ_KEEP") is { Length: > 0 };

    private readonly List<byte[]> _corpus = [];
    private readonly HashSet<string> _behaviours = new(StringComparer.Ordinal);
    private Random _random = new(0);

    /// <summary>Runs the corpus, and then what comes of it, for some seconds.</summary>
    public void Run(double seconds = 3, [CallerFilePath] string test = "")
    {
        var directory = Path.Join(Path.GetDirectoryName(test), "corpus", name);
        var seed = Number("OSM_FUZZ_SEED") ?? RandomNumberGenerator.GetInt32(int.MaxValue);
        _random = new(seed);
        foreach (var file in Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal))
        {
            Take(File.ReadAllBytes(file), directory, $"corpus/{name}/{Path.GetFileName(file)}");
        }

        Assert.True(_corpus.Count > 0, $"{directory} is empty");
        var time = TimeSpan.FromSeconds(Number("OSM_FUZZ_SECONDS") ?? seconds);
        var start = TimeProvider.System.GetTimestamp();
        for (var count = 0; TimeProvider.System.GetElapsedTime(start) < time; count++)
        {
            Take(Changed(_corpus[_random.Next(_corpus.Count)]), directory, string.Create(CultureInfo.InvariantCulture, $"OSM_FUZZ_SEED={seed}, input {count}"));
        }
    }

    private static int? Number(string variable)
        => int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;

    private void Take(byte[] input, string directory, string origin)
    {
        var (behaviour, bug) = Judge(input);
        if (bug is not null)
        {
            var small = Smallest(input, bug.GetType());
            Keep(small, directory, "bug");
            Assert.Fail($"{bug.GetType().Name} with {Convert.ToBase64String(small)} ({Printed(small)}); {origin}: {bug}");
        }

        if (_behaviours.Add(behaviour!))
        {
            _corpus.Add(input);
            Keep(input, directory, "new");
        }
    }

    // Slow once may be the machine's doing, or the first time's.
    private (string? Behaviour, Exception? Bug) Judge(byte[] input)
    {
        var judged = JudgeOnce(input);
        for (var again = 0; again < 2 && judged.Bug is TimeoutException; again++)
        {
            judged = JudgeOnce(input);
        }

        return judged;
    }

    private (string? Behaviour, Exception? Bug) JudgeOnce(byte[] input)
    {
        var (start, allocated) = (TimeProvider.System.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
        try
        {
            var behaviour = judge(input);
            var (time, bytes) = (TimeProvider.System.GetElapsedTime(start), GC.GetAllocatedBytesForCurrentThread() - allocated);
            return time > LongestTime ? (null, new TimeoutException($"took {time}")) : bytes > MostBytes ? (null, new InsufficientMemoryException($"took {bytes} bytes")) : (behaviour, null);
        }
        catch (Exception bug)
        {
            return (null, bug);
        }
    }

    private static void Keep(byte[] input, string directory, string kind)
    {
        var path = Path.Join(directory, $"{kind}-{Convert.ToHexStringLower(SHA256.HashData(input))[..12]}");
        if (Keeps && !Directory.EnumerateFiles(directory).Any(file => File.ReadAllBytes(file).AsSpan().SequenceEqual(input)))
        {
            File.WriteAllBytes(path, input);
        }
    }

    // Without this part the same goes wrong: then it was not needed.
    private byte[] Smallest(byte[] input, Type bug)
    {
        for (var part = Math.Max(1, input.Length / 2); part >= 1; part /= 2)
        {
            for (var at = 0; at + part <= input.Length;)
            {
                byte[] without = [.. input[..at], .. input[(at + part)..]];
                (input, at) = Judge(without).Bug?.GetType() == bug ? (without, at) : (input, at + part);
            }
        }

        return input;
    }

    private byte[] Changed(byte[] input)
    {
        for (var changes = 1 << _random.Next(4); changes > 0; changes--)
        {
            input = ChangedOnce(input);
        }

        return input.Length > LongestInput ? input[..LongestInput] : input;
    }

    private byte[] ChangedOnce(byte[] input)
    {
        var at = _random.Next(input.Length + 1);
        var length = Math.Min(input.Length - at, 1 + _random.Next(_random.Next(8) == 0 ? 256 : 8));
        var (before, part, after) = (input[..at], input[at..(at + length)], input[(at + length)..]);
        switch (_random.Next(9))
        {
            case 0:
                return [.. before, .. after];
            case 1:
                return [.. before, .. part, .. part, .. after];
            case 2:
                return [.. before, (byte)_random.Next(256), .. part, .. after];
            case 3 when length > 0:
                part[0] ^= (byte)(1 << _random.Next(8));
                return [.. before, .. part, .. after];
            case 4 when length > 0:
                part[0] = (byte)(part[0] + _random.Next(-3, 4));
                return [.. before, .. part, .. after];
            case 5 when words.Count > 0:
                return [.. before, .. words[_random.Next(words.Count)], .. after];
            case 6 when words.Count > 0:
                return [.. before, .. words[_random.Next(words.Count)], .. part, .. after];
            case 7:
                var other = _corpus[_random.Next(_corpus.Count)];
                return [.. before, .. other[_random.Next(other.Length + 1)..]];
            default:
                return [.. before, .. Enumerable.Repeat(part, _random.Next(1, 64)).SelectMany(bytes => bytes), .. after];
        }
    }

    private static string Printed(byte[] input)
        => string.Concat(Encoding.Latin1.GetString(input).Take(400).Select(letter => char.IsControl(letter) || letter > '~' ? '.' : letter));
}
