#include <cblas.h>

/* LAPACK with Fortran's calling convention; OpenBLAS carries it and declares it nowhere. Column-major. */

/* The Cholesky factor of a symmetric positive definite matrix; info > 0 if it is not definite. */
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info);
/* The inverse of a matrix, one triangle of it, in place of its Cholesky factor. */
void dpotri_(const char *uplo, const int *n, double *a, const int *lda, int *info);
/* The eigenvalues of a symmetric matrix, ascending, and its eigenvectors in its place, one a column. */
void dsyev_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w, double *work,
            const int *lwork, int *info);
/* Solves A X = B in place, given the factor of A. */
void dpotrs_(const char *uplo, const int *n, const int *nrhs, const double *a, const int *lda, double *b,
             const int *ldb, int *info);

/* Exported by OpenBLAS built with threads of its own, and declared nowhere. */
extern int blas_thread_shutdown_(void) __attribute__((weak));

/* Ends the threads that OpenBLAS starts when it is loaded; does nothing where it has none. */
static inline void openblas_end_threads(void) {
    if (blas_thread_shutdown_) blas_thread_shutdown_();
}
