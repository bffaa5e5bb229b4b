using System.Runtime.CompilerServices;

namespace OsmExt.Testing.Cases;

/// <summary>
/// Finds snapshot cases on disk: every folder below <c>cases</c> that holds an <c>in.yaml</c> is one, so that adding a case is
/// adding a folder, and forgetting to list one is impossible.
/// </summary>
public static class CaseFolder
{
    /// <summary>The names of all cases, sorted.</summary>
    /// <param name="cases">The folder that holds them, from <see cref="Beside"/>.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder, or it holds no case: the tests would pass without testing.</exception>
    public static IReadOnlyList<string> Names(string cases)
    {
        var names = Directory.EnumerateDirectories(cases)
            .Where(folder => File.Exists(Path.Combine(folder, TranslationCase.InputFile)))
            .Select(folder => Path.GetFileName(folder))
            .Order(StringComparer.Ordinal)
            .ToArray();
        return names.Length > 0 ? names : throw new DirectoryNotFoundException($"{cases} holds no case.");
    }

    /// <summary>The <c>cases</c> folder beside the source file of the caller.</summary>
    /// <param name="sourceFile">Leave it out; the compiler fills it in.</param>
    public static string Beside([CallerFilePath] string sourceFile = "") => Path.Combine(Path.GetDirectoryName(sourceFile)!, "cases");
}
